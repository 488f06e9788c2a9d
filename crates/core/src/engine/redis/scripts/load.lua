-- Reads a session, and in the same step what is kept of its owner.
-- KEYS: session. ARGV: the version that is known, or ''; what the name of an owner's record begins with, and what it ends
-- with: both '' when it is not asked for. That name can't be among the keys: whose the session is stands in the session.
-- Answers {0 not there | 1 the known version | 2 another, the head | the whole value, the owner's record if it is asked for
-- and the session is a user's: false when there is none}.
local what, bytes = 2, false
if ARGV[1] ~= '' then
    bytes = redis.call('GETRANGE', KEYS[1], 0, 32)
    if bytes == '' then return {0} end
    if string.sub(bytes, 2, 9) == ARGV[1] then what = 1 end
end
if what == 2 then
    bytes = redis.call('GET', KEYS[1])
    if not bytes then return {0} end
end
local owner = string.sub(bytes, 10, 17)
if ARGV[2] == '' or #owner < 8 or owner == string.rep('\0', 8) or owner == string.rep('\255', 8) then
    return {what, bytes}
end
-- 9 bytes are 12 characters of URL-safe base64.
local letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
local name, nine = ARGV[2], owner .. '\0'
for at = 1, 9, 3 do
    local one, two, three = string.byte(nine, at, at + 2)
    local sum = one * 65536 + two * 256 + three
    for place = 18, 0, -6 do
        local letter = math.floor(sum / 2 ^ place) % 64 + 1
        name = name .. string.sub(letters, letter, letter)
    end
end
return {what, bytes, redis.call('GET', name .. ARGV[3])}

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
if ARGV[2] == '' or #owner < 8 or owner == '\0\0\0\0\0\0\0\0'
    or owner == '\255\255\255\255\255\255\255\255' then
    return {what, bytes}
end
-- 9 bytes are 12 characters of URL-safe base64.
local byte, letters = string.byte, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
local function four(one, two, three)
    local sum = one * 65536 + two * 256 + three
    local last = sum % 64
    sum = (sum - last) / 64
    local third = sum % 64
    sum = (sum - third) / 64
    local second = sum % 64
    local first = (sum - second) / 64
    return string.char(
        byte(letters, first + 1), byte(letters, second + 1), byte(letters, third + 1), byte(letters, last + 1)
    )
end
local b1, b2, b3, b4, b5, b6, b7, b8 = byte(owner, 1, 8)
local name = ARGV[2] .. four(b1, b2, b3) .. four(b4, b5, b6) .. four(b7, b8, 0) .. ARGV[3]
return {what, bytes, redis.call('GET', name)}

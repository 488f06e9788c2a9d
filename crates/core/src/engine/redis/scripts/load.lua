-- Reads a session, and in the same step what is kept of its owner, where this node has that.
-- KEYS: session. ARGV: the version that is known, or ''; what the name of an owner's record begins with, '' when it is not
-- asked for, and what it ends with.
-- Answers {0 not there | 1 the known version | 2 another, the head | the whole value, the owner's record if it is asked for,
-- the session is a user's and this node has what is kept of users there: false when there is none}.
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
local name = ARGV[2] ~= '' and #owner == 8 and record_of(owner, ARGV[2])
if not name then return {what, bytes} end
local record = redis.pcall('GET', name .. ARGV[3])
-- Another node of a cluster has it, or the one to which it is moving: whoever asks for it there is told what is wrong, too.
if type(record) == 'table' then return {what, bytes} end
return {what, bytes, record}

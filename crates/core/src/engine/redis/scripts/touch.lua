-- Moves the end of a session.
-- KEYS: session. ARGV: now in ms, new end as 8 bytes, life in ms (0 = over, -1 = for ever), day of the new end, or ''
-- when the index of the owner knows of it; for the index: what its name begins with, '' when this node can't be told, what it
-- ends with, session's address, until when it may be there in ms, life of the index in ms.
-- Answers {1 touched | 0 not there | 2 the index must know first, 1 when an expired session was removed, owner}.
local head = redis.call('GETRANGE', KEYS[1], 0, 32)
if #head < 33 then return {0, 0} end
local expires = number(string.sub(head, 26, 33))
if tonumber(ARGV[1]) >= expires then
    redis.call('DEL', KEYS[1])
    return {0, 1}
end
local owner = string.sub(head, 10, 17)
if ARGV[4] ~= '' and tonumber(ARGV[4]) > math.floor(expires / 86400000) then
    local index = record_of(owner, ARGV[5])
    if index and (ARGV[5] == '' or note(index .. ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[1])) then
        return {2, 0, owner}
    end
end
if ARGV[3] == '0' then redis.call('DEL', KEYS[1])
else
    redis.call('SETRANGE', KEYS[1], 25, ARGV[2])
    if ARGV[3] == '-1' then redis.call('PERSIST', KEYS[1])
    else redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
end
return {1, 0}

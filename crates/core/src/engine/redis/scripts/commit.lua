-- Stores a session if what is there is what the committer expects.
-- KEYS: session; the lock if the committer holds it. No key that need not be: while a slot moves, a node refuses what names
-- several. ARGV: expected version or '', new value, life in ms (0 = over, -1 = for ever), now in ms, token of the lock that
-- the committer holds or '', lease of that lock in ms; if the index of its owner is to be told: session's address, until when
-- it may be there in ms, life of the index in ms, the name of the index, '' when this node can't be told.
-- Answers {1 stored | 2 conflict | 3 gone | 4 lock lost | 5 the index must know first, 1 when an expired session was removed,
-- value of a conflict}.
local head = redis.call('GETRANGE', KEYS[1], 0, 32)
local there = #head == 33
local live = there and tonumber(ARGV[4]) < number(string.sub(head, 26, 33))
local version = string.sub(head, 2, 9)
-- The very same commit, sent again because its answer got lost.
if there and version == string.sub(ARGV[2], 2, 9) then return {1, 0} end
if live and version ~= ARGV[1] then return {2, 0, redis.call('GET', KEYS[1])} end
if not live and ARGV[1] ~= '' then
    if there then redis.call('DEL', KEYS[1]) end
    return {3, there and 1 or 0}
end
if ARGV[5] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[5] then return {4, 0} end
-- Before the session, so that what is stored is always in the index. A server that is full refuses the first write, and not
-- what follows a write.
if ARGV[7] and (ARGV[10] == '' or note(ARGV[10], ARGV[7], ARGV[8], ARGV[9], ARGV[4])) then return {5, 0} end
if ARGV[3] == '0' then redis.call('DEL', KEYS[1])
elseif ARGV[3] == '-1' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
if ARGV[5] ~= '' then redis.call('PEXPIRE', KEYS[2], ARGV[6]) end
return {1, (there and not live) and 1 or 0}

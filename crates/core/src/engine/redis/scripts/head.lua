-- Goes before each script that reads the head of a session or writes an index.

-- 8 bytes as a number: exact up to 2^53, which no end of a session but 'never' exceeds.
local function number(bytes)
    local sum = 0
    for i = 1, 8 do sum = sum * 256 + string.byte(bytes, i) end
    return sum
end

-- Notes a session in the index of its owner, and drops from it what surely ended. `last` is until when it may be there
-- ('+inf' = for ever), `life` that of the index in ms (-1 = for ever). Answers nil, or the error for which nothing was noted:
-- another node of a cluster has that index, or the memory is full.
local function note(index, address, last, life, now)
    local added = redis.pcall('ZADD', index, last, address)
    if type(added) == 'table' then return added end
    redis.call('ZREMRANGEBYSCORE', index, '-inf', '(' .. now)
    local latest = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2]
    if life == '-1' or latest == 'inf' then redis.call('PERSIST', index)
    elseif redis.call('PTTL', index) < tonumber(life) then redis.call('PEXPIRE', index, life) end
end


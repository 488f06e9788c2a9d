-- Gives up the lock of a session, or waiting for it. A lock that others wait for goes to the first of them, who has
-- a second to come for it.
-- KEYS: lock, queue, seen, what wakes the asker. ARGV: token, what the names of all that wake begin with.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me = ARGV[1]
redis.call('ZREM', KEYS[2], me)
redis.call('ZREM', KEYS[3], me)
redis.call('DEL', KEYS[4])
if redis.call('GET', KEYS[1]) ~= me then return 0 end
while true do
    local next = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not next then
        redis.call('DEL', KEYS[1])
        return 1
    end
    local seen = redis.call('ZSCORE', KEYS[3], next)
    redis.call('ZREM', KEYS[2], next)
    redis.call('ZREM', KEYS[3], next)
    if seen and tonumber(seen) > now - 1000 then
        redis.call('SET', KEYS[1], next, 'PX', 1000)
        redis.call('LPUSH', ARGV[2] .. next, '1')
        redis.call('PEXPIRE', ARGV[2] .. next, 2000)
        return 1
    end
end

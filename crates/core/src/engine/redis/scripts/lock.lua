-- Asks for the lock of a session.
-- KEYS: lock, queue, seen. ARGV: token, lease in ms, '1' to wait for it.
-- Answers {1} when it is the asker's, {0, token of the holder or ''} when not.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me = ARGV[1]
local function take()
    redis.call('ZREM', KEYS[2], me)
    redis.call('ZREM', KEYS[3], me)
    redis.call('SET', KEYS[1], me, 'PX', ARGV[2])
    return {1}
end
local holder = redis.call('GET', KEYS[1])
if holder == me then return take() end
if not holder then
    -- Who waits and was not heard of for so long was killed or stopped.
    for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - 1000)) do
        redis.call('ZREM', KEYS[2], gone)
        redis.call('ZREM', KEYS[3], gone)
    end
    local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not first or first == me then return take() end
end
if ARGV[3] == '1' then
    redis.call('ZADD', KEYS[2], 'NX', time[1] * 1000000 + time[2], me)
    redis.call('ZADD', KEYS[3], now, me)
    redis.call('PEXPIRE', KEYS[2], 10000)
    redis.call('PEXPIRE', KEYS[3], 10000)
end
return {0, holder or ''}

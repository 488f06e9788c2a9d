-- Removes a session: whatever it is, or only if it has expired.
-- KEYS: session. ARGV: now in ms, 'any' or 'expired'.
-- Answers {1 when it was live, 1 when an expired one was removed}.
local head = redis.call('GETRANGE', KEYS[1], 0, 32)
if #head < 33 then
    redis.call('DEL', KEYS[1])
    return {0, 0}
end
local live = tonumber(ARGV[1]) < number(string.sub(head, 26, 33))
if not live or ARGV[2] == 'any' then redis.call('DEL', KEYS[1]) end
return {live and 1 or 0, live and 0 or 1}

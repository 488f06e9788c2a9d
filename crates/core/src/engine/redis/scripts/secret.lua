-- Replaces the secret of a store, if it is what the asker saw.
-- KEYS: secret. ARGV: what was seen, what takes its place.
-- Answers the secret.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])

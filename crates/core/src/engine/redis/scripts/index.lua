-- Notes a session in the index of its owner.
-- KEYS: index. ARGV: session's address, until when it may be there in ms, life of the index in ms, now in ms.
-- Answers 1, or why it can't.
return note(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) or 1

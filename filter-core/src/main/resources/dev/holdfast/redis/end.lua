-- Ends a session.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 stamp, 6 life of the tombstone (ms)
-- reply  nothing more. OK also for a second call with the same stamp; GONE if it had ended before, or is claimed.
--
-- Stays true between two calls: where a session was ended stands a tombstone that outlives every copy, and the log says so.

local fields = redis.call('HMGET', KEYS[3], '.t', '.c')
if fields[1] then
    return reply(string.match(fields[1], '^1|([^|]*)|') == ARGV[5] and 'OK' or 'GONE')
end
if fields[2] then
    return reply('GONE')
end
redis.call('ZSCORE', KEYS[4], ARGV[4]) -- fails here if the index is not ours

bury('ended')
append(ARGV[5] .. ':' .. ARGV[4] .. ':end')
return reply('OK')

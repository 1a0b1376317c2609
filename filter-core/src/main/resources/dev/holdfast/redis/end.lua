-- Ends a session.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 stamp, 6 life of the tombstone (ms), 7 empty, or: only if this is the epoch and the session was idle for its
--        max inactive
-- reply  nothing more. OK also for a second call with the same stamp; GONE if it had ended before; MISMATCH: 7 does not hold.
--
-- Stays true between two calls: where a session was ended stands a tombstone that outlives every copy, and the log says so.

local fields = redis.call('HMGET', KEYS[3], '.t', '.c', '.m')
if fields[1] then
    return reply(string.match(fields[1], '^1|([^|]*)|') == ARGV[5] and 'OK' or 'GONE')
end
if fields[2] then
    return reply('GONE')
end
if ARGV[7] ~= '' then
    if not fields[3] then
        return reply('GONE')
    end
    local meta = unpack_meta(fields[3])
    if not meta then
        return reply('BAD', '.m')
    end
    local max = tonumber(meta.max)
    if meta.epoch ~= ARGV[7] or max <= 0 or now - meta.use < max * 1000 then
        return reply('MISMATCH')
    end
end
redis.call('ZSCORE', KEYS[4], ARGV[4]) -- fails here if the index is not ours

-- The removals go first: Redis refuses to begin with a write that needs memory when it has none left, and a logout frees some.
local life = math.max(tonumber(ARGV[6]), redis.call('PTTL', KEYS[3]))
redis.call('ZREM', KEYS[4], ARGV[4])
redis.call('UNLINK', KEYS[3])
redis.call('HSET', KEYS[3], '.t', '1|' .. ARGV[5] .. '|ended')
redis.call('PEXPIRE', KEYS[3], text(life))
append(ARGV[5] .. ':' .. ARGV[4] .. ':end')
return reply('OK')

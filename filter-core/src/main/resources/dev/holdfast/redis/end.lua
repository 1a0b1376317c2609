-- Ends a session, whatever state it is in.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 stamp, 6 life of the tombstone (ms), 7 and 8 version and stamp of the copy in hand
-- reply  ..., 1 if the copy was equal to what was ended, 0 if not or not known any more. OK also for a second call with the same stamp;
--        GONE if it had ended before, or is claimed; RENAMED if it goes by another id since.
--
-- Stays true between two calls: where a session was ended stands a tombstone that outlives every copy, and the log says so.

local fields = read('HMGET', KEYS[3], '.t', '.c', '.m')
if not fields then
    return reply('BAD', 'type')
end
if fields[1] then
    local by, how = string.match(fields[1], '^1|([^|]*)|(.*)$')
    if by == ARGV[5] then
        return reply('OK', '0')
    end
    return reply(how == 'renamed' and 'RENAMED' or 'GONE')
end
if fields[2] then
    return reply('GONE')
end
local meta = fields[3] and unpack_meta(fields[3])
if read('ZSCORE', KEYS[4], ARGV[4]) == nil then
    return reply('BAD', 'index')
end

bury('ended')
append(ARGV[5] .. ':' .. ARGV[4] .. ':end')
return reply('OK', meta and meta.version == ARGV[7] and meta.stamp == ARGV[8] and '1' or '0')

-- Ends a claimed session, whose listeners were told.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 token of the claim, 6 life of the tombstone (ms)
-- reply  nothing more. OK also for a second call with the same token; GONE if it is missing or had ended before;
--        MISMATCH if it is not, or no longer, claimed with this token
--
-- Stays true between two calls: nothing but a tombstone is left; the log has said so since the claim.

local fields = read('HMGET', KEYS[3], '.t', '.c')
if not fields then
    return reply('BAD', 'type')
end
if fields[1] then
    return reply(string.match(fields[1], '^1|([^|]*)|') == ARGV[5] and 'OK' or 'GONE')
end
if redis.call('EXISTS', KEYS[3]) == 0 then
    return reply('GONE')
end
if string.match(fields[2] or '', '^1|([^|]*)|') ~= ARGV[5] then
    return reply('MISMATCH')
end

if read('ZSCORE', KEYS[4], ARGV[4]) == nil then
    return reply('BAD', 'index')
end
bury('expired')
return reply('OK')

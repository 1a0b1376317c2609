-- Leaves the tombstone of a session that had ended before data was lost, in place of whatever is there.
--
-- KEYS   as in the prelude
-- ARGV   as in the prelude, without a generation; 4 id, 5 stamp of the end, 6 life of the tombstone (ms), 7 ended, renamed or expired
-- reply  nothing more, always OK
--
-- Stays true between two calls: a tombstone that is there stays as it is; a new one is told by the log. No generation is written.

local fields = read('HMGET', KEYS[3], '.t')
if not fields then
    return reply('BAD', 'type')
elseif fields[1] then
    return reply('OK')
end
if read('ZSCORE', KEYS[4], ARGV[4]) == nil then
    return reply('BAD', 'index')
end

bury(ARGV[7])
append(ARGV[5] .. ':' .. ARGV[4] .. (ARGV[7] == 'renamed' and ':moved' or ':end'))
return reply('OK')

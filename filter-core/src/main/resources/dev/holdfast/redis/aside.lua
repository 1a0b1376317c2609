-- Puts aside what is damaged, or was left by another program in place of keys of Holdfast, so that all goes on without it.
--
-- KEYS   as in the prelude, 5 to 8 where generation, log, session and index go
-- ARGV   as in the prelude, without a generation; 4 id, 5 stamp of the tombstone, 6 its life (ms), 7 life of what is put aside (ms)
-- reply  ..., what was put aside: generation, log, session, index. Always OK, also if there was nothing
--
-- Stays true between two calls: what is as Holdfast made it stays where it is. A session that was put aside has ended, and the log says so.
-- Without the generation the shard is settled by all nodes; a log that begins anew begins above 1, which each node takes for a gap.

local done = {}
local function put_aside(what, key, to)
    redis.call('RENAME', key, to)
    redis.call('PEXPIRE', to, ARGV[7])
    done[#done + 1] = what
end

if foreign.generation then
    put_aside('generation', KEYS[1], KEYS[5])
end
if foreign.log then
    put_aside('log', KEYS[2], KEYS[6])
    newest = text(now) .. ':begins anew'
    redis.call('ZADD', KEYS[2], text(now), newest)
    renew()
end
if read('ZSCORE', KEYS[4], ARGV[4]) == nil then
    put_aside('index', KEYS[4], KEYS[8])
end
if look(KEYS[3]) == 'BAD' then
    put_aside('session', KEYS[3], KEYS[7])
    bury('damaged')
    append(ARGV[5] .. ':' .. ARGV[4] .. ':end')
end
return reply('OK', unpack(done))

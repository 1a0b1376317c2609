-- Sends a session again that was lost with the data of its shard.
--
-- KEYS   as in the prelude, 5 marks of the nodes that settle the shard
-- ARGV   as in the prelude, without a generation; 4 id, 5 and 6 version and stamp, 7 epoch without holder, 8 internal id,
--        9 created (ms), 10 max inactive (s), 11 age of the use (ms), 12 deadline after the last use (ms, 0: none),
--        13 end of the key after the last use (ms), 14 number of older states, then each as <version>|<stamp>,
--        then pairs of field and value
-- reply  nothing more. GONE if it had ended; MISMATCH if a state is there that is not older; OTHER if the shard is settled, or copies
--        may not be sent
--
-- Stays true between two calls: a tombstone stays, and of several nodes' states the newest; nothing is sent before all nodes have told
-- their tombstones, nor after the shard has got its generation.

if generation ~= '' or redis.call('HMGET', KEYS[5], '.')[1] ~= 'SENDING' then
    return reply('OTHER')
end
local trouble, meta = look(KEYS[3])
if trouble == 'BAD' then
    return reply('BAD', meta)
end
if trouble and redis.call('EXISTS', KEYS[3]) == 1 then
    return reply('GONE')
end
if read('ZSCORE', KEYS[4], ARGV[4]) == nil then
    return reply('BAD', 'index')
end

local use, first = now - tonumber(ARGV[11]), 15 + tonumber(ARGV[14])
if not trouble then
    local older = tonumber(meta.version) < tonumber(ARGV[5])
    for i = 15, first - 1 do
        older = older or ARGV[i] == meta.version .. '|' .. meta.stamp
    end
    local same = meta.version == ARGV[5] and meta.stamp == ARGV[6]
    if not same and not older then
        return reply('MISMATCH')
    end
    use = math.max(use, meta.use)
    redis.call('UNLINK', KEYS[3])
end
meta = {
    version = ARGV[5], stamp = ARGV[6], epoch = ARGV[7], use = use, max = ARGV[10], created = ARGV[9], internal = ARGV[8]
}
redis.call('HSET', KEYS[3], '.m', pack_meta(meta))
write(KEYS[3], first, #ARGV)
redis.call('ZREM', KEYS[4], ARGV[4])
if ARGV[12] ~= '0' then
    index(ARGV[4], use + tonumber(ARGV[12]))
end
redis.call('PEXPIREAT', KEYS[3], text(use + tonumber(ARGV[13])))
return reply('OK')

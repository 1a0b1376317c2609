-- Creates a session.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 stamp, 6 epoch, 7 internal id, 8 created (ms), 9 max inactive (s), 10 age of the use (ms),
--        11 deadline after the last use (ms, 0: none), 12 end of the key after the last use (ms), 13... pairs of field and value
-- reply  ..., epoch of the session (OK and MISMATCH). MISMATCH if another state has this id: of another session, or of this one, by a
--        creation that went unanswered.
--
-- The index loses what is past its deadline for so long that its key is gone: nobody can tell of its end any more.
--
-- Stays true between two calls: an id that was ended is never created again; a second call with the same stamp changes nothing.

local trouble, meta = look(KEYS[3])
if trouble == 'BAD' then
    return reply('BAD', meta)
end
if trouble and redis.call('EXISTS', KEYS[3]) == 1 then
    return reply('GONE')
end
if not trouble then
    if meta.stamp == ARGV[5] then
        return reply('OK', meta.epoch)
    end
    return reply('MISMATCH', meta.epoch)
end
if read('ZSCORE', KEYS[4], ARGV[4]) == nil then
    return reply('BAD', 'index')
end

meta = {
    version = '1', stamp = ARGV[5], epoch = ARGV[6], use = now - tonumber(ARGV[10]),
    max = ARGV[9], created = ARGV[8], internal = ARGV[7]
}
redis.call('HSET', KEYS[3], '.m', pack_meta(meta))
write(KEYS[3], 13, #ARGV)
if ARGV[11] ~= '0' then
    redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', '(' .. text(now - tonumber(ARGV[12]) + tonumber(ARGV[11])))
    index(ARGV[4], meta.use + tonumber(ARGV[11]))
end
redis.call('PEXPIREAT', KEYS[3], text(meta.use + tonumber(ARGV[12])))
renew()
return reply('OK', meta.epoch)

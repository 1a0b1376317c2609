-- Writes changes of a session and, if asked, gives it another id.
--
-- KEYS   as in the prelude, 5 session under its new id (only with a new id)
-- ARGV   4 id, 5 new id, empty if it stays, 6 and 7 version and stamp of the base, 8 stamp of this commit,
--        9 epoch that the request was admitted under, empty if it must not stay, 10 fresh epoch,
--        11 max inactive (s), 12 age of the use (ms), 13 deadline after the last use (ms, 0: none),
--        14 end of the key after the last use (ms), 15 life of a tombstone (ms),
--        16 number of fields to write, then pairs of field and value, then fields to remove
-- reply  ..., epoch of the session (OK and MISMATCH)
--
-- Stays true between two calls: version and stamp change together with what they stand for; a commit is applied to its base or
-- not at all, and once; after a change of id the old one is a tombstone that bears this commit's stamp.

local id, new_id, stamp = ARGV[4], ARGV[5], ARGV[8]
local trouble, meta = look(KEYS[3])
if trouble == 'GONE' and new_id ~= '' and meta and string.match(meta, '^1|([^|]*)|') == stamp then
    -- my own change of id, sent a second time
    local lost, renamed = look(KEYS[5])
    if lost == 'GONE' then
        return reply(how_gone(renamed))
    elseif lost then
        return reply(lost, renamed)
    end
    return reply('OK', renamed.epoch)
end
if trouble == 'GONE' then
    return reply(how_gone(meta))
elseif trouble then
    return reply(trouble, meta)
end
if meta.stamp == stamp then
    return reply('OK', meta.epoch)
end
if meta.version ~= ARGV[6] or meta.stamp ~= ARGV[7] then
    return reply('MISMATCH', meta.epoch)
end
if new_id ~= '' and redis.call('EXISTS', KEYS[5]) == 1 then
    return reply('MISMATCH', meta.epoch)
end
if read('ZSCORE', KEYS[4], id) == nil then
    return reply('BAD', 'index')
end

local moved = ARGV[9] ~= meta.epoch and may_move(meta.epoch, ARGV[10])
if moved then
    meta.epoch = ARGV[10]
end
meta.version = text(tonumber(meta.version) + 1)
meta.stamp = stamp
meta.use = math.max(meta.use, now - tonumber(ARGV[12]))
meta.max = ARGV[11]

local key, name, last = KEYS[3], id, 16 + 2 * tonumber(ARGV[16])
if new_id ~= '' then
    key, name = KEYS[5], new_id
    redis.call('RENAME', KEYS[3], key)
end
redis.call('HSET', key, '.m', pack_meta(meta))
write(key, 17, last)
for i = last + 1, #ARGV, 1000 do
    redis.call('HDEL', key, unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
if new_id ~= '' or ARGV[13] == '0' then
    redis.call('ZREM', KEYS[4], id)
end
if ARGV[13] ~= '0' then
    index(name, meta.use + tonumber(ARGV[13]))
end
redis.call('PEXPIREAT', key, text(meta.use + tonumber(ARGV[14])))
if new_id ~= '' then
    -- nobody has a copy under the new id: that the old one leads nowhere tells a former holder all there is to tell
    redis.call('HSET', KEYS[3], '.t', '1|' .. stamp .. '|renamed')
    redis.call('PEXPIRE', KEYS[3], ARGV[15])
    append(stamp .. ':' .. id .. ':moved')
elseif moved then
    append(meta.epoch .. ':' .. id)
elseif generation == '' then
    renew()
end
return reply('OK', meta.epoch)

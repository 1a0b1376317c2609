-- Notes a use of a session in which nothing was changed.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 age of the use (ms)
-- reply  nothing more
--
-- Stays true between two calls: the last use never goes back, and a touch creates nothing.

local trouble, meta = look(KEYS[3])
if trouble == 'GONE' then
    return reply(how_gone(meta))
elseif trouble then
    return reply(trouble, meta)
end
local score = read('ZSCORE', KEYS[4], ARGV[4])
if score == nil then
    return reply('BAD', 'index')
end
local by = math.max(0, now - tonumber(ARGV[5]) - meta.use)
meta.use = meta.use + by

if by > 0 then
    -- Redis refuses to begin with a write that needs memory when it has none left; this one needs none, and a full Redis
    -- must end no session that is in use
    redis.call('HDEL', KEYS[3], '.')
    redis.call('HSET', KEYS[3], '.m', pack_meta(meta))
end
move_on(ARGV[4], meta, score, by)
if generation == '' then
    renew()
end
return reply('OK')

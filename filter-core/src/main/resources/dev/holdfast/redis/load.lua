-- Loads a session's metadata; attributes come by an HGETALL behind it.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 epoch that the request carries, empty if none, 6 fresh epoch, 7 this node as its epochs name it, empty if roaming,
--        8 age of the use (ms), 9 and 10 version and stamp of the copy in hand, empty if none
-- reply  ..., epoch of the session, 1 if it is confirmed else 0, ms since the last use, 1 if the copy is another state else 0,
--        epoch before the call
--
-- Stays true between two calls: an epoch that is confirmed names the caller, and no predecessor of its name, and was carried by its request; any other is
-- moved, and the log says so. An unknown id leaves no key behind. Only a server that takes writes says that there is no
-- session: a replica may not have it yet. For a node that roams a session is gone 2 s after its timeout at the latest; to
-- others it belongs until its deadline, for the holder may have uses to tell.

local function gone(tombstone)
    redis.call('HDEL', KEYS[3], '.') -- a write that changes nothing
    return reply(how_gone(tombstone))
end

local trouble, meta = look(KEYS[3])
if trouble == 'GONE' then
    return gone(meta)
elseif trouble then
    return reply(trouble, meta)
end
local score = read('ZSCORE', KEYS[4], ARGV[4])
if score == nil then
    return reply('BAD', 'index')
end
local deadline = deadline_of(meta)
if deadline then
    local last = deadline
    if ARGV[7] == '' then
        -- Who roams tells each use with its load, and that of a request that lasts within a second or two: no grace is needed.
        last = math.min(deadline, meta.use + tonumber(meta.max) * 1000 + 2000)
    end
    if now > last then
        return gone()
    end
end

local idle = now - meta.use
local confirmed = ARGV[7] ~= '' and ARGV[5] == meta.epoch and owner(meta.epoch) == ARGV[7]
local moved = not confirmed and may_move(meta.epoch, ARGV[6])
local before = meta.epoch
local modified = ARGV[9] ~= meta.version or ARGV[10] ~= meta.stamp
if moved then
    meta.epoch = ARGV[6]
end
local by = math.max(0, idle - tonumber(ARGV[8]))
meta.use = meta.use + by

redis.call('HSET', KEYS[3], '.m', pack_meta(meta))
move_on(ARGV[4], meta, score, by)
if moved then
    append(meta.epoch .. ':' .. ARGV[4])
elseif generation == '' then
    renew()
end
return reply('OK', meta.epoch, confirmed and '1' or '0', text(math.max(0, idle)), modified and '1' or '0', before)

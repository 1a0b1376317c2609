-- Claims a session whose time has come, so that its listeners can be told; its state comes by an HGETALL behind it.
--
-- KEYS   as in the prelude
-- ARGV   4 id, 5 token of the claim, 6 lease (ms), 7 the node as its epochs name it if it holds the session, else empty,
--        8 how long the node has been reaching this Redis (ms), 9 and 10 version and stamp of the copy in hand, empty if none,
--        11 if an operator ends it the lease (ms) in place of 6: its time has come whenever it was used, and a node tells of it then
-- reply  ..., ms since the last use, 1 if the copy is another state else 0
--        GONE: missing, ended, or claimed by another; MISMATCH: not yet, or not by this node
--
-- Stays true between two calls: who has the token in a claim is the only one who tells the listeners until the lease ends;
-- a claimed session stays in the index, by the end of its lease, so that the claims of a dead node are found.

local fields = read('HMGET', KEYS[3], '.t', '.c', '.m')
local score = read('ZSCORE', KEYS[4], ARGV[4])
if not fields or score == nil then
    return reply('BAD', fields and 'index' or 'type')
end
if fields[1] then
    if score then
        redis.call('ZREM', KEYS[4], ARGV[4]) -- it does not belong there, and would be due for ever
    end
    return reply('GONE')
end
if not fields[3] then
    if redis.call('EXISTS', KEYS[3]) == 1 then
        return reply('BAD', '.m')
    end
    redis.call('ZREM', KEYS[4], ARGV[4]) -- its key is gone, there is nothing left to tell
    return reply('GONE')
end
local meta, trouble = unpack_meta(fields[3])
if trouble == 'NEWER' then
    return reply('MISMATCH')
elseif trouble then
    return reply('BAD', '.m')
end
local function claimed()
    local modified = ARGV[9] ~= meta.version or ARGV[10] ~= meta.stamp
    return reply('OK', text(math.max(0, now - meta.use)), modified and '1' or '0')
end

if fields[2] then
    local token, lease = string.match(fields[2], '^1|([^|]*)|(%d+)$')
    if token == ARGV[5] then
        return claimed()
    end
    lease = tonumber(lease)
    if lease and now <= lease and lease <= now + 2 * tonumber(ARGV[6]) then -- a longer one is a damaged one
        return reply('GONE')
    end
else
    local max, deadline = tonumber(meta.max), deadline_of(meta)
    if not deadline and not ARGV[11] then
        if score then
            redis.call('ZREM', KEYS[4], ARGV[4])
        end
        return reply('MISMATCH')
    end
    if deadline and tonumber(score or nil) ~= deadline then
        index(ARGV[4], deadline)
    end
    if not ARGV[11] then
        -- The deadline is last use + max inactive + grace: what others could not tell of its use has had as long as that to arrive.
        if tonumber(ARGV[8]) < deadline - meta.use - max * 1000 then
            return reply('MISMATCH')
        end
        local held = ARGV[7] ~= '' and owner(meta.epoch) == ARGV[7] and now - meta.use >= max * 1000
        if now <= deadline and not held then
            return reply('MISMATCH')
        end
    end
end

-- The removal goes first: Redis refuses to begin with a write that needs memory when it has none left, and an end frees some.
local lease = now + tonumber(ARGV[11] or ARGV[6])
redis.call('ZREM', KEYS[4], ARGV[4])
redis.call('HSET', KEYS[3], '.c', '1|' .. ARGV[5] .. '|' .. text(lease))
index(ARGV[4], lease)
if not fields[2] then
    -- Once: who kills each node that tells of its end is forgotten with its key.
    if redis.call('PTTL', KEYS[3]) < 10 * tonumber(ARGV[6]) then
        redis.call('PEXPIRE', KEYS[3], text(10 * tonumber(ARGV[6])))
    end
    append(ARGV[5] .. ':' .. ARGV[4] .. ':end')
end
return claimed()

-- Stands in front of every script about sessions: checks the generation, and holds what the scripts share.
--
-- KEYS   1 generation, 2 ended log, 3 session, 4 expiry index (all of one shard); 8 only in aside.lua
-- ARGV   1 generation that the node last saw; empty if it never saw one; "?" if it never saw one and may not write one
--        2 generation to write if the node never saw one and there is none; empty if none is to be written
--        3 life of generation and log in milliseconds
-- reply  {code, generation, newest member of the log, ...}
--        code: OK, GONE, RENAMED (it goes by another id since), MISMATCH, OTHER (another generation), NEWER (a field is of a format to
--        come), or BAD: something is damaged, or not of Holdfast, and is named; nothing was done, and aside.lua puts it aside
--
-- Stays true between two calls: the generation never outlives the log, so that a log that begins again at 1 is noticed;
-- the newest entry of the log is never trimmed, so that sequences only grow.

local long = tonumber(ARGV[3])

-- What a command finds that only reads; nil where the key is of another type. Any other refusal is the script's.
local function read(...)
    local found = redis.pcall(...)
    if type(found) ~= 'table' or not found.err then
        return found
    end
    if string.find(found.err, 'WRONGTYPE', 1, true) then
        return nil
    end
    return redis.call(...)
end

local generation = read('GET', KEYS[1])
local log = read('ZREVRANGE', KEYS[2], 0, 0)
local newest = log and log[1] or ''
local foreign = {generation = generation == nil, log = not log or newest ~= '' and not string.match(newest, '^%d+:')}
generation = generation or ''

local function reply(code, ...)
    return {code, generation, newest, ...}
end

if not KEYS[8] and (foreign.generation or foreign.log) then
    return reply('BAD', foreign.generation and 'generation' or 'log')
end
if ARGV[1] == '?' and generation == '' or ARGV[1] ~= '' and ARGV[1] ~= '?' and ARGV[1] ~= generation then
    return reply('OTHER')
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- tostring() gives 14 digits only
local function text(number)
    return string.format('%.0f', number)
end

-- Field .m: format, version, stamp, epoch, last use, max inactive, created, internal id. If it is not ours nil, and BAD or NEWER:
-- another number in front of what looks like format 1 is a damaged 1, whatever is to come looks different. Nothing passes here that
-- the node could not read: it would be answered 503 for ever.
local function unpack_meta(packed)
    local format, version, stamp, epoch, use, max, created, internal = string.match(packed,
        '^(.)|(%d+)|([A-Za-z0-9_-]+)|([A-Za-z0-9_-]+%.[A-Za-z0-9_-]*)|(%d+)|(-?%d+)|(-?%d+)|([A-Za-z0-9_-]+)$')
    local number = string.match(packed, '^(%d+)|')
    if not format and number and number ~= '1' then
        return nil, 'NEWER'
    end
    local good = format == '1' and tonumber(version) < 900000000000000 and #stamp == 22 and string.find(epoch, '.', 1, true) == 23 and #epoch <= 55
        and #use <= 15 and math.abs(tonumber(max)) < 2147483648 and #created <= 16
        and #internal == 22
    if not good then
        return nil, 'BAD'
    end
    use = tonumber(use)
    if use > now + 86400000 then
        use = now -- damaged, or noted by a clock that was wrong: no reason to end it, nor to let it live for ever
    end
    return {
        version = version, stamp = stamp, epoch = epoch, use = use,
        max = max, created = created, internal = internal
    }
end

local function pack_meta(meta)
    return table.concat(
        {'1', meta.version, meta.stamp, meta.epoch, text(meta.use), meta.max, meta.created, meta.internal}, '|')
end

-- What stands in the way of using a session: 'GONE', 'BAD' or 'NEWER' and a field, or nothing; then its metadata.
local function look(key)
    local fields = read('HMGET', key, '.t', '.c', '.m')
    if not fields then
        return 'BAD', 'type'
    end
    if fields[1] or fields[2] then
        return 'GONE', fields[1]
    end
    if not fields[3] then
        if redis.call('EXISTS', key) == 1 then
            return 'BAD', '.m'
        end
        return 'GONE'
    end
    local meta, trouble = unpack_meta(fields[3])
    if not meta then
        return trouble, '.m'
    end
    return nil, meta
end

-- What a call is answered that finds a tombstone in place of a session, or nothing.
local function how_gone(tombstone)
    return tombstone and string.match(tombstone, '|renamed$') and 'RENAMED' or 'GONE'
end

-- Last use + max inactive + grace, as dev.holdfast.session.Lifetimes has it; nil for a session without timeout. It is what the index
-- says of a session: where that says something else, or nothing, the index was damaged.
local function deadline_of(meta)
    local max = tonumber(meta.max) * 1000
    if max <= 0 then
        return nil
    end
    return meta.use + max + math.min(math.max(10000, math.min(300000, math.floor(max / 6))), max / 2)
end

-- Whom an epoch names: one incarnation of a node, empty if nobody.
local function owner(epoch)
    return string.match(epoch, '%.(.+)$') or ''
end

-- An epoch without holder takes the place of one with holder only: a cluster that only roams moves nothing.
local function may_move(epoch, fresh)
    return epoch ~= fresh and (owner(fresh) ~= '' or owner(epoch) ~= '')
end

-- Generation first: it must not outlive the log.
local function renew()
    if generation == '' and ARGV[2] ~= '' then
        generation = ARGV[2]
        redis.call('SET', KEYS[1], generation, 'PX', long)
    else
        redis.call('PEXPIRE', KEYS[1], long)
    end
    redis.call('PEXPIRE', KEYS[2], long)
end

-- Appends to the log. Its member of score -1 is no entry but "t:<sequence>:<ms>": at that time that entry was the newest.
-- Ten minutes later all entries before it go; it stays, because the nodes of a quiet shard stand on it.
local function append(entry)
    local sequence = (tonumber(string.match(newest, '^(%d+):')) or 0) + 1
    newest = text(sequence) .. ':' .. entry
    redis.call('ZADD', KEYS[2], text(sequence), newest)
    local old, at = string.match(redis.call('ZRANGEBYSCORE', KEYS[2], -1, -1)[1] or '', '^t:(%d+):(%d+)$')
    if not at then
        redis.call('ZADD', KEYS[2], -1, 't:' .. text(sequence) .. ':' .. text(now))
    elseif now - tonumber(at) >= 600000 then
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. old)
        redis.call('ZADD', KEYS[2], -1, 't:' .. text(sequence) .. ':' .. text(now))
    end
    local surplus = redis.call('ZCARD', KEYS[2]) - 10001
    if surplus > 0 then
        redis.call('ZREMRANGEBYRANK', KEYS[2], 1, surplus)
    end
    renew()
end

-- Enters a deadline; the index lives longer than the last of its members.
local function index(id, deadline)
    redis.call('ZADD', KEYS[4], text(deadline), id)
    if redis.call('PTTL', KEYS[4]) < deadline - now + long / 2 then
        redis.call('PEXPIRE', KEYS[4], text(deadline - now + long))
    end
end

-- Moves deadline and end of a session's key on with its last use, by as much; score is what the index says.
local function move_on(id, meta, score, by)
    local deadline = deadline_of(meta)
    if deadline and tonumber(score or nil) ~= deadline then
        index(id, deadline)
    end
    local left = redis.call('PTTL', KEYS[3])
    if tonumber(meta.max) <= 0 or left < 0 then
        redis.call('PEXPIRE', KEYS[3], long)
    elseif by > 0 then
        redis.call('PEXPIRE', KEYS[3], text(left + by))
    end
end

-- Writes fields from pairs ARGV[first] .. ARGV[last]; unpack has a limit.
local function write(key, first, last)
    for i = first, last, 1000 do
        redis.call('HSET', key, unpack(ARGV, i, math.min(i + 999, last)))
    end
end

-- Leaves a tombstone in place of a session: ARGV[4] its id, ARGV[5] the stamp, ARGV[6] the life.
-- The removals go first: Redis refuses to begin with a write that needs memory when it has none left, and an end frees some.
local function bury(how)
    local life = math.max(tonumber(ARGV[6]), redis.call('PTTL', KEYS[3]))
    redis.call('ZREM', KEYS[4], ARGV[4])
    redis.call('UNLINK', KEYS[3])
    redis.call('HSET', KEYS[3], '.t', '1|' .. ARGV[5] .. '|' .. how)
    redis.call('PEXPIRE', KEYS[3], text(life))
end

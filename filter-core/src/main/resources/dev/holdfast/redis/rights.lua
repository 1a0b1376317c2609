-- Tries each command that the other scripts use, on keys that nobody else looks at, and leaves nothing behind.
--
-- KEYS   1 to 4 free names in one shard
-- reply  the commands that this user may not run
--
-- Each kind of key is emptied by two commands, or runs out within a second, so that a missing right leaves nothing either.

local missing = {}

local function try(command, ...)
    local reply = redis.pcall(command, ...)
    local refused = type(reply) == 'table' and reply.err
    if refused and (string.find(refused, "can't") or string.find(refused, 'NOPERM') or string.find(refused, 'ACL')) then
        missing[#missing + 1] = '+' .. string.lower(command)
    end
end

local hash, other, zset, value = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
try('TIME')
try('HSET', hash, 'f', 'v')
try('PEXPIRE', hash, 1000)
try('PTTL', hash)
try('EXISTS', hash)
try('HMGET', hash, 'f')
try('HGETALL', hash)
try('RENAME', hash, other)
try('HDEL', other, 'f')
try('HDEL', hash, 'f')
try('SET', value, 'v', 'PX', 1000)
try('PEXPIREAT', value, 1)
try('GET', value)
try('ZADD', zset, 1, 'm')
try('PEXPIRE', zset, 1000)
try('ZSCORE', zset, 'm')
try('ZCARD', zset)
try('ZREVRANGE', zset, 0, 0)
try('ZRANGEBYSCORE', zset, 0, 1)
try('ZREM', zset, 'm')
try('ZREMRANGEBYSCORE', zset, 0, 1)
try('ZREMRANGEBYRANK', zset, 0, 1)
try('UNLINK', hash, other, zset, value)
return missing

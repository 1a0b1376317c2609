-- Notes how far a node is in settling a shard that lost its data, and writes the generation when all are done.
--
-- KEYS   1 generation, 2 ended log, 3 marks: a hash of incarnation to EXPECTED (by others), BEGUN, TOLD or SENT, and of "." to
--        SENDING or GIVEN_UP; and of "+" with an incarnation to what that node says of its progress, a number that grows
-- ARGV   1 incarnation, 2 BEGUN, TOLD or SENT, 3 WAITS, FOR_THOSE_WHO_CAME or FOR_NOBODY,
--        4 generation to write, 5 life of generation and log (ms), 6 life of the marks (ms), 7 progress of the node,
--        8... incarnations that the node has seen
-- reply  {SETTLED, generation, '0'} or {WAITING, SENDING, GIVEN_UP or FORGOTTEN, '', progress of those that are waited for,
--        incarnations that are waited for...}
--
-- Stays true between two calls: SENDING stands only where all nodes that any of them had seen have told their tombstones, and is never
-- GIVEN_UP after that, nor the reverse; the generation is written once, and its log lives longer.

-- nil where the key is of another type
local function read(...)
    local found = redis.pcall(...)
    if type(found) ~= 'table' or not found.err then
        return found
    end
    return not string.find(found.err, 'WRONGTYPE', 1, true) and redis.call(...) or nil
end

local generation = read('GET', KEYS[1])
if generation and generation ~= '' then
    return {'SETTLED', generation, '0'}
end
local marks, all = {}, read('HGETALL', KEYS[3])
if not all then
    redis.call('UNLINK', KEYS[3]) -- not ours: all begin again
    all = {}
end
for i = 1, #all, 2 do
    marks[all[i]] = all[i + 1]
end
if marks['.'] and marks['.'] ~= 'SENDING' and marks['.'] ~= 'GIVEN_UP' then
    redis.call('UNLINK', KEYS[3]) -- not ours: all begin again
    marks = {}
end
local stand = marks['.'] or 'WAITING'
local mine = marks[ARGV[1]]
local rank = {BEGUN = 1, TOLD = 2, SENT = 3}
if (rank[mine] or 0) < rank[ARGV[2]] - 1 then
    return {'FORGOTTEN', '', '0'} -- the step before went with its mark
end

local function mark(who, what)
    marks[who] = what
    redis.call('HSET', KEYS[3], who, what)
end
if stand == 'WAITING' then
    for i = 8, #ARGV do
        if not marks[ARGV[i]] then
            mark(ARGV[i], 'EXPECTED')
        end
    end
end
if (rank[mine] or 0) < rank[ARGV[2]] then
    mark(ARGV[1], ARGV[2])
end
mark('+' .. ARGV[1], ARGV[7])

local untold, unsent, progress = {}, {}, 0
for who, what in pairs(marks) do
    if what == 'EXPECTED' or what == 'BEGUN' then
        untold[#untold + 1] = who
    elseif what == 'TOLD' then
        unsent[#unsent + 1] = who
        progress = progress + (tonumber(marks['+' .. who]) or 0)
    end
end
if stand == 'WAITING' and ARGV[3] == 'WAITS' and #untold == 0 then
    stand = 'SENDING'
elseif stand == 'WAITING' and ARGV[3] ~= 'WAITS' and ARGV[2] ~= 'BEGUN' then
    stand = 'GIVEN_UP'
end
if stand ~= 'WAITING' then
    mark('.', stand)
    if ARGV[3] == 'FOR_NOBODY' or #unsent == 0 then
        redis.call('UNLINK', KEYS[3])
        redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
        redis.call('PEXPIRE', KEYS[2], ARGV[5])
        return {'SETTLED', ARGV[4], '0'}
    end
end
redis.call('PEXPIRE', KEYS[3], ARGV[6])
return {stand, '', string.format('%.0f', progress), unpack(stand == 'WAITING' and untold or unsent)}

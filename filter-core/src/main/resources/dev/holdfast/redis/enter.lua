-- Enters a node into the registry of an application's nodes, or renews its entry.
--
-- KEYS   1 registry, a hash of incarnation to 1|<route>|<host:port>|<unsettled shards, 16 hex digits>|<application>|<at, ms>;
--        the application and its bar may be missing; beside it stage:<incarnation>: STARTS, DRAINS or LEAVES, while it does,
--        and order:<incarnation>: what an operator wants of it, and its answer
-- ARGV   1 incarnation, 2 route, empty if it may not be unique, 3 host:port, 4 unsettled shards, 5 life of an entry (ms),
--        6 FIRST, LATE or RENEWED, 7 application, 8 STARTS, DRAINS or LEAVES if it does, else empty, 9 the order that it knows, and
--        behind it ok if it follows it, else no; empty if it knows of none
-- reply  {OK or CLASH, 1 if the entry was there else 0, incarnation of a live node of the same route or empty,
--        pairs of field and value of all other live nodes, of the stages of these, and of an order for this one}
--        CLASH: the node was not entered, because it came first and another has its route
--
-- An incarnation is <run of the process>.<number>. Two of one process are an application that was deployed twice: neither stands in the
-- other's way.
--
-- Stays true between two calls: a node that was entered less than a life ago is in the registry, unless another process came after it
-- at the same host and port. Entries of formats to come are left as they are.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local all = redis.call('HGETALL', KEYS[1])
local known, clash, others, gone = '0', '', {}, {}
local beside, there, mine, order = {}, {}, 'stage:' .. ARGV[1], 'order:' .. ARGV[1]
local process = string.match(ARGV[1], '^[^.]*')
for i = 1, #all, 2 do
    local route, address, at = string.match(all[i + 1], '^1|([^|]*)|([^|]*)|%x+|?[^|]*|(%d+)$')
    there[all[i]] = all[i + 1]
    if string.sub(all[i], 1, 6) == 'stage:' or string.sub(all[i], 1, 6) == 'order:' then
        beside[#beside + 1] = all[i]
        beside[#beside + 1] = all[i + 1]
    elseif all[i] == ARGV[1] then
        known = '1'
    elseif at and (now - tonumber(at) > tonumber(ARGV[5])
            or (ARGV[6] ~= 'RENEWED' and address == ARGV[3] and string.match(all[i], '^[^.]*') ~= process)) then
        gone[#gone + 1] = all[i]
        there[all[i]] = nil
    elseif at then
        if route == ARGV[2] and route ~= '' and string.match(all[i], '^[^.]*') ~= process then
            clash = all[i]
        end
        others[#others + 1] = all[i]
        others[#others + 1] = all[i + 1]
    end
end
for i = 1, #beside, 2 do
    local stays = beside[i] == mine or there[string.sub(beside[i], 7)]
    if not stays then
        gone[#gone + 1] = beside[i]
    elseif beside[i] == order or beside[i] ~= mine and string.sub(beside[i], 1, 6) == 'stage:' then
        others[#others + 1] = beside[i]
        others[#others + 1] = beside[i + 1]
    end
end
if clash ~= '' and ARGV[6] == 'FIRST' then
    return {'CLASH', known, clash, unpack(others)}
end

for i = 1, #gone do
    redis.call('HDEL', KEYS[1], gone[i])
end
redis.call('HSET', KEYS[1], ARGV[1],
    table.concat({'1', ARGV[2], ARGV[3], ARGV[4], ARGV[7], string.format('%.0f', now)}, '|'))
-- An order ends when somebody takes it back, not with an entry that ran out: a node that is back brings it along.
local function wish(text)
    return string.match(text, '^(.-) ok$') or string.match(text, '^(.-) no$') or text
end
local left = there[order]
if ARGV[9] ~= '' and (known == '0' and not left or left and left ~= ARGV[9] and wish(left) == wish(ARGV[9])) then
    redis.call('HSET', KEYS[1], order, ARGV[9])
end
if ARGV[8] ~= '' then
    redis.call('HSET', KEYS[1], mine, ARGV[8])
elseif there[mine] then
    redis.call('HDEL', KEYS[1], mine)
end
redis.call('PEXPIRE', KEYS[1], ARGV[5] * 6)
return {'OK', known, clash, unpack(others)}

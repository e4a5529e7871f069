-- Reads everything that a decision about a run rests on, at one moment and in one round trip.
-- The beats are those of all workers where the run waits for workers or could take more; of a gang that trains with as many as it may have, or a run
-- that is over, those of its members; of one that nobody has looked at or that is paused, none: with a thousand workers all of them are 300 kB.
-- ARGV: BASE ("regatta:run:"), run, workers (hash of beats)
-- Returns {now ms, {desired field, value, …}, spec or '', {state field, value, …}, group as group.lua returns it, {reports field, value, …}, {JSON beat, …}}
local base, run = ARGV[1] .. ARGV[2], ARGV[2]
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local state = redis.call('HMGET', base .. ':state', 'status', 'limits')
local generation = generation_of(base .. ':group')
local group, members, phase = {}, {}, nil
if generation > 0 then
  local known = redis.call('HMGET', base .. ':group', 'phase', 'reason', 'completeGeneration', 'completeStep')
  phase = known[1]
  members = members_of(base .. ':g:', generation)
  group = { generation, known[1], known[2], known[3] or '', known[4] or '', unpack(members) }
end

local function is_whole()
  local limits = state[2] and cjson.decode(state[2])
  return type(limits) == 'table' and #members >= limits.maxWorkers
end
local over = { completed = true, failed = true, cancelled = true }
local beats = {}
if over[state[1]] or (state[1] == 'running' and phase ~= 'open' and is_whole()) then
  for i, json in ipairs(members) do
    local beat = redis.call('HGET', ARGV[3], cjson.decode(json).workerId)
    if beat then beats[#beats + 1] = beat end
  end
elseif state[1] and state[1] ~= 'paused' then
  beats = redis.call('HVALS', ARGV[3])
end
return {
  now,
  redis.call('HGETALL', base .. ':desired'),
  redis.call('GET', base .. ':spec') or '',
  redis.call('HGETALL', base .. ':state'),
  group,
  redis.call('HGETALL', base .. ':g:' .. generation .. ':reports'),
  beats,
}

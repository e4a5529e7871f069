-- What there is to know of every run that is not finished, in order of creation, in one answer: whoever plans for all reads them all.
-- KEYS: sorted set of active runs · ARGV: prefix of a run's keys ("regatta:run:")
-- Returns {{id, created ms, desired state, priority, desired minWorkers, status, limits, standsBackUntil, since, generation, group's phase,
-- group's generation}, …}; '' for what is not there
local runs = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local rows = {}
for i = 1, #runs, 2 do
  local base = ARGV[1] .. runs[i]
  local desired = redis.call('HMGET', base .. ':desired', 'state', 'priority', 'minWorkers')
  local state = redis.call('HMGET', base .. ':state', 'status', 'limits', 'standsBackUntil', 'since', 'generation')
  local group = redis.call('HMGET', base .. ':group', 'phase', 'generation')
  local row = { runs[i], runs[i + 1] }
  for j = 1, 3 do row[#row + 1] = desired[j] or '' end
  for j = 1, 5 do row[#row + 1] = state[j] or '' end
  for j = 1, 2 do row[#row + 1] = group[j] or '' end
  rows[#rows + 1] = row
end
return rows

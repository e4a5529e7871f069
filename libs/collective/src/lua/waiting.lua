-- The runs that whoever plans must know of, wanted and without a gang that trains: all that gather or recover; of the queued, for each number
-- of workers that any of them needs, the first in turn, with those before it that stand back; and the newest that nobody has looked at yet.
-- However many runs wait, as many rows are read as there are sizes.
-- ARGV: RUNS, BASE, a run that is left out (or ''), now (ms; '': this server's)
-- Returns {{turn, now ms}, {id, created ms, priority, desired minWorkers, status, limits, standsBackUntil, since}, …}; '' for what is not there
local runs, base, own, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- More than so many that stand back are not looked past: they do for seconds
local patience = 32
local rows = { { redis.call('GET', runs .. 'turn') or '0', string.format('%.0f', now) } }

-- The row of a run, or nil where it is not wanted; nil and true where the index was wrong about it, which is mended
local function row_of(run, is)
  local created = redis.call('ZSCORE', runs .. 'active', run)
  local state = redis.call('HMGET', base .. run .. ':state', 'status', 'limits', 'standsBackUntil', 'since', 'generation')
  if not created or not is(state[1]) then
    put_in_place(runs, base, run)
    return nil, true
  end
  local desired = redis.call('HMGET', base .. run .. ':desired', 'state', 'priority', 'minWorkers')
  if desired[1] ~= 'running' then return nil end
  local group = redis.call('HMGET', base .. run .. ':group', 'phase', 'generation')
  if group[1] == 'started' and group[2] == state[5] then return nil end
  return { run, created, desired[2] or '0', desired[3] or '', state[1], state[2] or '', state[3] or '0', state[4] or '0' }
end

local function is_new(status) return not status end
local function is_queued(status) return status == 'queued' end
local function gathers(status) return status == 'gathering' or status == 'recovering' end

for _, run in ipairs(redis.call('SMEMBERS', runs .. 'gathering')) do
  local row = run ~= own and row_of(run, gathers)
  if row then rows[#rows + 1] = row end
end
for _, size in ipairs(redis.call('SMEMBERS', runs .. 'sizes')) do
  local queue = runs .. 'queued:' .. size
  local at = 0
  while at < patience do
    local run = redis.call('ZRANGE', queue, at, at)[1]
    if not run then
      if at == 0 then redis.call('SREM', runs .. 'sizes', size) end
      break
    end
    local row, wrong = nil, false
    if run ~= own then row, wrong = row_of(run, is_queued) end
    if wrong then
      if redis.call('HGET', runs .. 'places', run) ~= 'queued:' .. size then redis.call('ZREM', queue, run) end
    else
      at = at + 1
    end
    if row then
      rows[#rows + 1] = row
      if tonumber(row[7]) <= now then break end
    end
  end
end
-- The newest (eight of them will do) may not have been looked at by anybody, and have no place yet
local newest = redis.call('ZREVRANGE', runs .. 'active', 0, 7)
local places = #newest > 0 and redis.call('HMGET', runs .. 'places', unpack(newest)) or {}
for i, run in ipairs(newest) do
  local row = run ~= own and not places[i] and row_of(run, is_new)
  if row then
    row[5], row[8] = 'queued', string.format('%.0f', now)
    rows[#rows + 1] = row
  end
end
return rows

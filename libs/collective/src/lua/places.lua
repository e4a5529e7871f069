-- Put before the scripts that keep or read the index of runs, by scripts.ts.
--
-- The index says where each run that is not finished stands, so that nobody who looks for the next one need read them all. It follows from a
-- run's state, from what is desired of it and from the set of active runs; it is brought up to date by every transition at the same moment, at the end of
-- every look at a run, and where a reader finds it wrong. Under RUNS ("regatta:runs:"):
--   active          sorted set of the runs that are not finished, by order of creation (the API's)
--   queued:N        sorted set of the queued runs that need N workers, in turn: by priority, then age, then id
--   sizes           set of the N for which there is such a set
--   gathering       set of the runs that gather or recover
--   turn            how often a run has begun to gather or recover: who has planned with an older one plans again
--   busy            sorted set of all that are neither queued nor paused, by priority
--   places          hash run → queued:N or busy: where it is to be removed from

-- A run of priority p stands before all of priority p - 1: more milliseconds than there are until the year 2096
local a_priority = 4e12

local function leave_place(runs, run, place)
  redis.call('ZREM', runs .. place, run)
  if place ~= 'busy' and redis.call('EXISTS', runs .. place) == 0 then
    redis.call('SREM', runs .. 'sizes', string.sub(place, 8))
  end
end

-- Puts a run where it belongs now. BASE: start of the keys of runs ("regatta:run:")
local function put_in_place(runs, base, run)
  local created = redis.call('ZSCORE', runs .. 'active', run)
  local state = redis.call('HMGET', base .. run .. ':state', 'status', 'limits')
  local status = created and state[1]
  local priority = tonumber(redis.call('HGET', base .. run .. ':desired', 'priority') or '0')
  local before = redis.call('HGET', runs .. 'places', run)
  local place = nil
  if status == 'queued' then
    local limits = state[2] and cjson.decode(state[2])
    place = 'queued:' .. (type(limits) == 'table' and limits.minWorkers or 1)
  elseif status and status ~= 'paused' then
    place = 'busy'
  end
  if before and before ~= place then leave_place(runs, run, before) end
  if place == 'busy' then
    redis.call('ZADD', runs .. place, priority, run)
  elseif place then
    redis.call('ZADD', runs .. place, string.format('%.0f', created - priority * a_priority), run)
    redis.call('SADD', runs .. 'sizes', string.sub(place, 8))
  end
  if not place then
    redis.call('HDEL', runs .. 'places', run)
  elseif place ~= before then
    redis.call('HSET', runs .. 'places', run, place)
  end
  local gathers = status == 'gathering' or status == 'recovering'
  if not gathers then
    redis.call('SREM', runs .. 'gathering', run)
  elseif redis.call('SADD', runs .. 'gathering', run) == 1 then
    redis.call('INCR', runs .. 'turn')
  end
end

-- A worker says that it is alive and what it does; the time is put to it here. It learns whether a person wants it out of all runs.
-- ARGV: workers (hash of beats), drained (set of ids), worker, JSON object without its time
-- Returns {now ms, 1 if it is to drain else 0}
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', ARGV[1], ARGV[3], string.sub(ARGV[4], 1, -2) .. ',"beat":' .. now .. '}')
return { now, redis.call('SISMEMBER', ARGV[2], ARGV[3]) }

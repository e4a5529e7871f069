-- Says how a member of a generation ended; the time is put to it here. The first word counts: one that is there stays.
-- A run that is gone is told nothing: nobody would read it, and nobody remove it.
-- KEYS: reports, spec · ARGV: memberId, JSON object without its time, seconds that the reports are kept
-- Returns {1} or {0, run-gone}
if redis.call('EXISTS', KEYS[2]) == 0 then return { 0, 'run-gone' } end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSETNX', KEYS[1], ARGV[1], string.sub(ARGV[2], 1, -2) .. ',"at":' .. now .. '}')
redis.call('EXPIRE', KEYS[1], ARGV[3])
return { 1 }

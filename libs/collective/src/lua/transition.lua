-- Compare-and-set of a run's observed state: the patch, the next epoch, the entries of the stream and the run's place in the index happen together,
-- or nothing does. The first one of a run needs its spec.
-- KEYS: state hash, stream · ARGV: RUNS, BASE, run (places.lua), expected epoch (0: none yet), expected turn ('': any), number of patch pairs, field, value, …, JSON entry, …
-- Returns {1, new epoch} or {0, current epoch}
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0')
if epoch ~= tonumber(ARGV[4]) then return { 0, epoch } end
-- A run that was removed does not begin anew because somebody had seen it before it began.
if epoch == 0 and redis.call('EXISTS', ARGV[2] .. ARGV[3] .. ':spec') == 0 then return { 0, epoch } end
if ARGV[5] ~= '' and ARGV[5] ~= (redis.call('GET', ARGV[1] .. 'turn') or '0') then return { 0, epoch } end
local entries = 7 + 2 * tonumber(ARGV[6])
redis.call('HSET', KEYS[1], 'epoch', epoch + 1)
for i = 7, entries - 1, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
for i = entries, #ARGV do
  redis.call('XADD', KEYS[2], '*', 'data', ARGV[i])
end
put_in_place(ARGV[1], ARGV[2], ARGV[3])
return { 1, epoch + 1 }

-- Compare-and-set of a run's observed state: the patch, the next epoch and the entries of the stream happen together, or nothing does.
-- KEYS: state hash, stream · ARGV: expected epoch (0: none yet), number of patch pairs, field, value, …, JSON entry, …
-- Returns {1, new epoch} or {0, current epoch}
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0')
if epoch ~= tonumber(ARGV[1]) then return { 0, epoch } end
local entries = 3 + 2 * tonumber(ARGV[2])
redis.call('HSET', KEYS[1], 'epoch', epoch + 1)
for i = 3, entries - 1, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
for i = entries, #ARGV do
  redis.call('XADD', KEYS[2], '*', 'data', ARGV[i])
end
return { 1, epoch + 1 }

-- A rank comes to a meeting (barrier, agreement) with a value. When all are there every other rank is told; asking again tells whether they are.
-- A rank that comes to the COUNT-th meeting of a name has left the one before, so the values of that are removed once all have come.
-- KEYS: group · ARGV: base, generation, name, count from 0, rank, value
-- Returns {1} while someone is missing, {1, value of rank 0, …} when all are there, or a refusal: generation-ended | closed
local refusal = fence(KEYS[1], ARGV[2], 'started')
if refusal then return refusal end
local meetings = ARGV[1] .. ARGV[2] .. ':meetings'
local meeting = ARGV[3] .. '#' .. ARGV[4]
local first_time = redis.call('HSET', meetings, meeting .. '/' .. ARGV[5], ARGV[6]) == 1
local worldSize = tonumber(redis.call('HGET', KEYS[1], 'worldSize'))
local values = {}
for rank = 0, worldSize - 1 do
  local value = redis.call('HGET', meetings, meeting .. '/' .. rank)
  if not value then return { 1 } end
  values[rank + 1] = value
end
if first_time then
  for rank = 0, worldSize - 1 do
    redis.call('HDEL', meetings, ARGV[3] .. '#' .. (tonumber(ARGV[4]) - 1) .. '/' .. rank)
    if rank ~= tonumber(ARGV[5]) then
      redis.call('RPUSH', ARGV[1] .. ARGV[2] .. ':notices:' .. rank, 'meet:' .. meeting)
    end
  end
end
return { 1, unpack(values) }

-- One owner says that all its chunks of a step are published. When every rank has said so the step is complete, and every other rank is told.
-- Marking again (after a lost answer) does no harm and answers whether the step is complete by now.
-- KEYS: group · ARGV: base, generation, step, rank
-- Returns {1, 1 if the step is complete else 0} or a refusal: generation-ended | closed
local refusal = fence(KEYS[1], ARGV[2], 'started')
if refusal then return refusal end
local generation, step = tonumber(ARGV[2]), tonumber(ARGV[3])
local group = redis.call('HMGET', KEYS[1], 'worldSize', 'completeGeneration', 'completeStep')
local worldSize = tonumber(group[1])
if tonumber(group[2] or '-1') == generation and tonumber(group[3]) >= step then return { 1, 1 } end
-- Only the last mark makes something true that must survive: the others are kept out of the append-only file, so that a step waits for the disk
-- once and not once a rank. A control server that forgets them is asked again by every rank that waits, within a second.
local marks = ARGV[1] .. ARGV[2] .. ':marks'
redis.set_repl(redis.REPL_NONE)
redis.call('HSET', marks, ARGV[4], ARGV[3])
redis.set_repl(redis.REPL_ALL)
local marked = 0
for _, value in ipairs(redis.call('HVALS', marks)) do
  if tonumber(value) == step then marked = marked + 1 end
end
if marked < worldSize then return { 1, 0 } end
redis.call('HSET', KEYS[1], 'completeGeneration', generation, 'completeStep', step)
redis.call('DEL', marks)
for rank = 0, worldSize - 1 do
  if rank ~= tonumber(ARGV[4]) then
    redis.call('RPUSH', ARGV[1] .. ARGV[2] .. ':notices:' .. rank, 'commit:' .. ARGV[3])
  end
end
return { 1, 1 }

-- Closes the generation: every member is told at once, and no mark of it counts any more. The first reason stays.
-- KEYS: group, channel · ARGV: base, generation, reason
-- Returns {1} or a refusal: generation-ended | closed
local refusal = fence(KEYS[1], ARGV[2])
if refusal then return refusal end
if redis.call('HGET', KEYS[1], 'phase') == 'closed' then return refuse(KEYS[1], 'closed') end
tell_the_end(ARGV[1], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[1], 'phase', 'closed', 'reason', ARGV[3])
publish(KEYS[2], ARGV[2], 'closed')
return { 1 }

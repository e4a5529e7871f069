-- Raises the generation: ends the one before (its members are told, its marks and keys removed) and opens a new one for claims.
-- The newest complete step that it returns is thereby agreed: no mark of an older generation can come after it.
-- KEYS: group, channel · ARGV: base, expected generation (0: the run has none), minWorkers, maxWorkers, reason, a key without which there is no such run ('': none)
-- Returns {1, generation, completeGeneration, completeStep} ('' where no step is complete yet) or a refusal
local refusal = fence(KEYS[1], ARGV[2])
if refusal then return refusal end
if ARGV[6] ~= '' and redis.call('EXISTS', ARGV[6]) == 0 then return refuse(KEYS[1], 'generation-ended') end
local old, new = tonumber(ARGV[2]), tonumber(ARGV[2]) + 1
tell_the_end(ARGV[1], old, ARGV[5])
remove_generation(ARGV[1], old)
redis.call('HDEL', KEYS[1], 'worldSize')
redis.call('HSET', KEYS[1], 'generation', new, 'phase', 'open', 'minWorkers', ARGV[3], 'maxWorkers', ARGV[4], 'reason', ARGV[5])
publish(KEYS[2], new, 'open')
local complete = redis.call('HMGET', KEYS[1], 'completeGeneration', 'completeStep')
return { 1, new, complete[1] or '', complete[2] or '' }

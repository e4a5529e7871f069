-- Fixes the gang: from now on a member's position is its rank. Starting what has started already answers the same again.
-- KEYS: group, channel · ARGV: base, generation
-- Returns {1, JSON member, …} by rank, or a refusal: generation-ended | closed | too-few
local refusal = fence(KEYS[1], ARGV[2])
if refusal then return refusal end
local phase = redis.call('HGET', KEYS[1], 'phase')
if phase == 'closed' then return refuse(KEYS[1], 'closed') end
local members = members_of(ARGV[1], ARGV[2])
if phase == 'open' then
  if #members < tonumber(redis.call('HGET', KEYS[1], 'minWorkers')) or #members == 0 then return refuse(KEYS[1], 'too-few') end
  redis.call('HSET', KEYS[1], 'phase', 'started', 'worldSize', #members)
  publish(KEYS[2], ARGV[2], 'started')
end
return { 1, unpack(members) }

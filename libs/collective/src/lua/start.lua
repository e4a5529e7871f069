-- Fixes the gang: members are ordered by the step whose state they hold, and from now on a member's position is its rank. Starting what has started already answers the same again.
-- KEYS: group, channel · ARGV: base, generation
-- Returns {1, JSON member, …} by rank, or a refusal: generation-ended | closed | too-few
local refusal = fence(KEYS[1], ARGV[2])
if refusal then return refusal end
local phase = redis.call('HGET', KEYS[1], 'phase')
if phase == 'closed' then return refuse(KEYS[1], 'closed') end
local members = members_of(ARGV[1], ARGV[2])
if phase == 'open' then
  if #members < tonumber(redis.call('HGET', KEYS[1], 'minWorkers')) or #members == 0 then return refuse(KEYS[1], 'too-few') end
  -- Whoever holds the newest state comes first: rank 0 hands it over. Among equals the order of their claims stays.
  local order = {}
  for position, json in ipairs(members) do
    order[position] = { json = json, step = tonumber(cjson.decode(json).step) or -1, position = position }
  end
  table.sort(order, function(a, b)
    if a.step ~= b.step then return a.step > b.step end
    return a.position < b.position
  end)
  redis.call('DEL', ARGV[1] .. ARGV[2] .. ':members')
  for position, member in ipairs(order) do
    members[position] = member.json
    redis.call('RPUSH', ARGV[1] .. ARGV[2] .. ':members', member.json)
  end
  redis.call('HSET', KEYS[1], 'phase', 'started', 'worldSize', #members)
  publish(KEYS[2], ARGV[2], 'started')
end
return { 1, unpack(members) }

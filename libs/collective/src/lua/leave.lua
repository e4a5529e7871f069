-- Takes a member out. Before the start its place is free again; after it the gang is not whole any more, so the generation is closed.
-- KEYS: group, channel · ARGV: base, generation, memberId, reason
-- Returns {1, phase that the group is now in} or a refusal: generation-ended | unknown-member
local refusal = fence(KEYS[1], ARGV[2])
if refusal then return refusal end
local list = ARGV[1] .. ARGV[2] .. ':members'
local mine = nil
for _, json in ipairs(members_of(ARGV[1], ARGV[2])) do
  if cjson.decode(json).memberId == ARGV[3] then mine = json end
end
if not mine then return refuse(KEYS[1], 'unknown-member') end
local phase = redis.call('HGET', KEYS[1], 'phase')
if phase == 'open' then
  redis.call('LREM', list, 1, mine)
elseif phase == 'started' then
  tell_the_end(ARGV[1], ARGV[2], ARGV[4])
  redis.call('HSET', KEYS[1], 'phase', 'closed', 'reason', ARGV[4])
  phase = 'closed'
end
publish(KEYS[2], ARGV[2], phase)
return { 1, phase }

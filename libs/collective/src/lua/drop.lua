-- Removes all that this room keeps of a run on the control server. Whoever still waits finds it gone within a second.
-- (Lists that told members of older generations of their end expire by themselves.)
-- KEYS: group, channel · ARGV: base
-- Returns {1}
local generation = generation_of(KEYS[1])
for _, member in ipairs(members_of(ARGV[1], generation)) do
  redis.call('UNLINK', ARGV[1] .. generation .. ':abort:' .. cjson.decode(member).memberId)
end
remove_generation(ARGV[1], generation)
redis.call('UNLINK', KEYS[1])
publish(KEYS[2], generation, 'closed')
return { 1 }

-- Reads the group as it is at one moment.
-- KEYS: group · ARGV: base
-- Returns {} if the run has none, else {generation, phase, reason, completeGeneration, completeStep, JSON member, …} ('' where no step is complete)
local generation = generation_of(KEYS[1])
if generation == 0 then return {} end
local group = redis.call('HMGET', KEYS[1], 'phase', 'reason', 'completeGeneration', 'completeStep')
return { generation, group[1], group[2], group[3] or '', group[4] or '', unpack(members_of(ARGV[1], generation)) }

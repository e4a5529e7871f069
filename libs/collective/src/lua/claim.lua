-- Takes a place in the generation that is gathering.
-- KEYS: group, channel · ARGV: base, generation, memberId, workerId, fingerprint, JSON member
-- Returns {1, position from 0} or a refusal: generation-ended | closed | full | duplicate-member | duplicate-worker | fingerprint
local refusal = fence(KEYS[1], ARGV[2], 'open')
if refusal then return refusal end
local members = members_of(ARGV[1], ARGV[2])
for _, json in ipairs(members) do
  local member = cjson.decode(json)
  if member.memberId == ARGV[3] then return refuse(KEYS[1], 'duplicate-member') end
  if member.workerId == ARGV[4] then return refuse(KEYS[1], 'duplicate-worker') end
end
if #members > 0 and cjson.decode(members[1]).fingerprint ~= ARGV[5] then return refuse(KEYS[1], 'fingerprint') end
if #members >= tonumber(redis.call('HGET', KEYS[1], 'maxWorkers')) then return refuse(KEYS[1], 'full') end
redis.call('RPUSH', ARGV[1] .. ARGV[2] .. ':members', ARGV[6])
publish(KEYS[2], ARGV[2], 'open')
return { 1, #members }

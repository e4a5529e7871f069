-- Put before every script of this folder by scripts.ts.
--
-- The group of a run is one hash (KEYS[1] of every script):
--   generation          the current generation, from 1; raised by open.lua alone
--   phase               open (gathers members) | started (the gang is fixed) | closed (aborted: nothing of it counts any more)
--   minWorkers maxWorkers worldSize
--   reason              why this generation was opened, or, when closed, why it ended
--   completeGeneration completeStep      the newest complete step
-- and, under BASE .. generation (BASE is ARGV[1] of every script, "regatta:run:ID:g:"):
--   :members            list of JSON members in order of their claims; after the start the position is the rank
--   :marks              hash rank → the step that it marked
--   :meetings           hash "NAME#COUNT/RANK" → value: barriers and agreements
--   :notices:RANK       list: what a rank is told
--   :abort:MEMBER       list: why the generation ended; expires after an hour
-- A script that finds another generation than its caller's changes nothing and answers {0, code, current generation, reason}.

local function generation_of(group)
  return tonumber(redis.call('HGET', group, 'generation') or '0')
end

local function refuse(group, code)
  return { 0, code, generation_of(group), redis.call('HGET', group, 'reason') or 'the run has no process group' }
end

-- nil where `generation` is the current one and in this phase, else the refusal to return
local function fence(group, generation, phase)
  if generation_of(group) ~= tonumber(generation) then return refuse(group, 'generation-ended') end
  if phase and redis.call('HGET', group, 'phase') ~= phase then return refuse(group, 'closed') end
  return nil
end

local function members_of(base, generation)
  return redis.call('LRANGE', base .. generation .. ':members', 0, -1)
end

local function tell_the_end(base, generation, reason)
  for _, member in ipairs(members_of(base, generation)) do
    local list = base .. generation .. ':abort:' .. cjson.decode(member).memberId
    redis.call('RPUSH', list, reason)
    redis.call('EXPIRE', list, 3600)
  end
end

local function remove_generation(base, generation)
  local members = redis.call('LLEN', base .. generation .. ':members')
  for rank = 0, members - 1 do
    redis.call('UNLINK', base .. generation .. ':notices:' .. rank)
  end
  redis.call('UNLINK', base .. generation .. ':members', base .. generation .. ':marks', base .. generation .. ':meetings')
end

local function publish(channel, generation, phase)
  redis.call('PUBLISH', channel, cjson.encode({ generation = tonumber(generation), phase = phase }))
end

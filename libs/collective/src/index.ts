export { beat, type Look, lookAt, report } from './membership/look.js';
export { Membership } from './membership/membership.js';
export { type Transition, type TransitionResult, transition } from './membership/transition.js';
export type {
  Accepted,
  CompleteStep,
  GroupPhase,
  GroupState,
  Member,
  Refusal,
  RefusalCode,
} from './membership/types.js';
export type { Place } from './membership/wait-for-start.js';
export { placeRun, type Waiting, type WaitingRun, waitingRuns } from './membership/waiting.js';
export { createMemoryGroups } from './memory/memory-group.js';
export { type AllReduceStats, GenerationEnded, type Part, type ProcessGroup } from './process-group.js';
export { connectRedisGroup, type RedisGroupOptions } from './redis/connect.js';
export { dropGradients } from './redis/drop-gradients.js';
export { ExchangeFaults } from './redis/exchange-faults.js';
export { gradientTraffic, type Traffic, type TrafficSetting } from './traffic.js';
export { type ShardSlice, type Subtree, shardSlices, subtrees, subtreesByRank } from './tree.js';
export { type Add, plainAdd, TreeSum } from './tree-sum.js';
export { bf16 } from './vector/bf16.js';
export { VectorFormat } from './vector/format.js';
export { int8 } from './vector/int8.js';

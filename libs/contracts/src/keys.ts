/** Every Redis key of Regatta, in one place. Control Redis unless said otherwise. */
const prefix = 'regatta:';

export const keys = {
  /** Stream: all that workers tell the API (stream.ts), stored exactly once and trimmed behind the stored cursor. */
  stream: `${prefix}stream`,
  /** Sorted set of the ids of runs that are not finished; score = order of creation (ms). */
  activeRuns: `${prefix}runs:active`,
  /** Start of the keys of the index of runs, `activeRuns` among them: where each stands (libs/collective/src/lua/places.lua). */
  index: `${prefix}runs:`,
  /** Sorted set of the runs that are neither queued nor paused; score = priority. Kept by transition.lua. */
  busyRuns: `${prefix}runs:busy`,
  /** Set of the runs that are over for their workers: the API removes their keys once it has stored what they told. */
  overRuns: `${prefix}runs:over`,
  /** Start of the keys of every run. */
  runs: `${prefix}run:`,
  /** A worker has just looked at all that have workers (`all`), or whose turn it is (`turn`); expires, so that another one looks next time. */
  looked: (what: 'all' | 'turn') => `${prefix}looked:${what}`,
  /** JSON RunSpec, written once by the API. */
  spec: (runId: string) => `${prefix}run:${runId}:spec`,
  /** Hash, written by the API alone: {state: running | paused | cancelled, priority, minWorkers, maxWorkers}. */
  desired: (runId: string) => `${prefix}run:${runId}:desired`,
  /** Hash, written by the coordinator alone through transition.lua: what is observed, with its epoch. */
  state: (runId: string) => `${prefix}run:${runId}:state`,
  /** Hash workerId → JSON WorkerBeat; the field `beat` in it is the control server's own clock in ms. */
  workers: `${prefix}workers`,
  /** Hash memberId → JSON report of how a member of this generation ended, written once by its agent; `drain:MEMBER`: it wants to leave. */
  reports: (runId: string, generation: number) => `${prefix}run:${runId}:g:${generation}:reports`,
  /** Channel: the agents of the run's ranks look at what is wanted of them (the message itself says nothing). */
  orders: (runId: string) => `${prefix}run:${runId}:orders`,
  /** Start of the keys that count each caller's requests; they expire. */
  rates: (name: string) => `${prefix}rate:${name}`,
  /** Set of the workers that a person wants out of all runs, written by the API alone. */
  drained: `${prefix}workers:drained`,
  /** Channel: faults on purpose for this worker (JSON Fault); it listens only where CHAOS=1. */
  chaos: (workerId: string) => `${prefix}worker:${workerId}:chaos`,
  /** Hash: the current generation of a run's process group, its phase and the newest complete step; written by libs/collective's scripts alone. */
  group: (runId: string) => `${prefix}run:${runId}:group`,
  /** Channel: something about the group of the run has changed (JSON {generation, phase}). */
  groupEvents: (runId: string) => `${prefix}run:${runId}:group:events`,
  /** Start of all keys of a run's generations: the scripts put the number and the rest behind it (see libs/collective/src/lua/common.lua). */
  generations: (runId: string) => `${prefix}run:${runId}:g:`,
  /** List of one rank: what was announced to it (`commit:STEP`, `meet:NAME#COUNT`). */
  notices: (runId: string, generation: number, rank: number) => `${prefix}run:${runId}:g:${generation}:notices:${rank}`,
  /** List of one member: the reason why its generation ended. */
  abort: (runId: string, generation: number, memberId: string) =>
    `${prefix}run:${runId}:g:${generation}:abort:${memberId}`,
  /** Gradient Redis: the partial sum of one chunk over the logical shards [first, first + count). */
  gradientPart: (runId: string, generation: number, step: number, chunk: number, first: number, count: number) =>
    `${prefix}run:${runId}:g:${generation}:s:${step}:c:${chunk}:t:${first}+${count}`,
  /** Gradient Redis: the sum of one chunk over all shards, as its owner published it. */
  gradientSum: (runId: string, generation: number, step: number, chunk: number) =>
    `${prefix}run:${runId}:g:${generation}:s:${step}:c:${chunk}:sum`,
  /** Gradient Redis: list of one rank: which chunks lie ready for it in this step (`p:CHUNK:FIRST:COUNT`, `s:CHUNK`). */
  gradientInbox: (runId: string, generation: number, step: number, rank: number) =>
    `${prefix}run:${runId}:g:${generation}:s:${step}:in:${rank}`,
  /** Gradient Redis: the bytes of one broadcast; `:in:RANK` behind it is the list that tells a rank that they are there. */
  broadcast: (runId: string, generation: number, name: string, count: number) =>
    `${prefix}run:${runId}:g:${generation}:b:${name}#${count}`,
} as const;

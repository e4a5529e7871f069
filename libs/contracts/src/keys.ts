/** Every Redis key of Regatta, in one place. Control Redis unless said otherwise. */
const prefix = 'regatta:';

export const keys = {
  /** Stream: all that workers tell the API (stream.ts), stored exactly once and trimmed behind the stored cursor. */
  stream: `${prefix}stream`,
  /** Sorted set of the ids of runs that are not finished; score = order of creation (ms). */
  activeRuns: `${prefix}runs:active`,
  /** JSON RunSpec, written once by the API. */
  spec: (runId: string) => `${prefix}run:${runId}:spec`,
  /** Hash, written by the API alone: {state: running | cancelled, priority}. */
  desired: (runId: string) => `${prefix}run:${runId}:desired`,
  /** Hash, written by the coordinator alone through transition.lua: what is observed, with its epoch. */
  state: (runId: string) => `${prefix}run:${runId}:state`,
  /** Hash workerId → JSON WorkerBeat; the field `beat` in it is the control server's own clock in ms. */
  workers: `${prefix}workers`,
} as const;

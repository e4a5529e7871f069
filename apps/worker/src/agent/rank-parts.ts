import type { Membership } from '@regatta/collective';
import type { RunSpec } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { StartMessage } from '../ipc.js';
import type { Heartbeat } from './heartbeat.js';
import type { StartTrainer } from './trainer-process.js';

/** What a rank has to be told besides its place. */
export type TrainerSettings = Pick<
  StartMessage,
  'redisUrl' | 'gradientRedisUrls' | 'artifactsUrl' | 'engine' | 'threads' | 'logLevel' | 'codeVersion'
>;

export interface RankParts {
  redis: Redis;
  membership: Membership;
  heartbeat: Heartbeat;
  worker: { workerId: string; host: string; fingerprint: string };
  settings: TrainerSettings;
  /** Path of the trainer's program, or what starts one. */
  trainer: string | StartTrainer;
  requestReconcile(runId: string): Promise<void>;
  /** Removes what is left of a run on the gradient servers. */
  dropGradients(runId: string): Promise<void>;
  /** This worker is free for another run. */
  nextTurn(): Promise<void>;
  /** This worker could not prepare to join a gang that trains, and why; null: it could. */
  onJoinFailed(spec: RunSpec, why: string | null): void;
  /** A step of the rank that this worker holds was committed. */
  onStep(step: number): void;
  log: Logger;
}

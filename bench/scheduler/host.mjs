// A simulated host: many real agents in one process, whose trainers only sleep. node host.mjs '{"workers": 20, "redisUrl": …, "host": …, "mtbf": s}'
import { Membership } from '@regatta/collective';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Agent } from '../../apps/worker/dist/agent/agent.js';
import { RunLog } from '../../apps/worker/dist/agent/run-log.js';
import { SleepingTrainer } from './sleeping-trainer.mjs';

const { workers, redisUrl, mtbf } = JSON.parse(process.argv[2]);
const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
const membership = new Membership(redis);
const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
const settings = {
  redisUrl,
  gradientRedisUrls: [],
  artifactsUrl: 'file:///nowhere',
  engine: 'none',
  threads: 1,
  logLevel: 'silent',
  codeVersion: 'bench',
};

const agents = Array.from(
  { length: workers },
  () =>
    new Agent({
      settings,
      fingerprint: 'sleeps',
      trainer: (runId, listener) => new SleepingTrainer({ runId, listener, membership, redis, mtbf }),
      predictor: '/nowhere',
      newestCheckpoint: async (runId) => ({
        step: Number(await redis.hget(`sleep:${runId}`, 'step')) || null,
        refused: [],
      }),
      runLog: new RunLog(),
      log,
    }),
);
await Promise.all(agents.map((agent) => agent.start()));
process.send?.({ ready: agents.map(({ workerId }) => workerId) });
process.on('disconnect', () => process.exit(0));

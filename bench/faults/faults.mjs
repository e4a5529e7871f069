import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { root } from '../../tools/paths.mjs';
import { until } from './system.mjs';

/** What happens to a run, by name: given its id at the step where things happen. Some have a `body` that differs. */
export function faultsOf(system, servers) {
  const { get, post, events, part } = system;
  const at = (fault, rank = 1, more = {}) => ({
    happen: async (id) => system.chaos((await get(id)).workers[rank].workerId, { fault, ...more }),
  });
  const trainsOn = (id, count) =>
    until(async () => {
      const run = await get(id);
      return run.status === 'running' && run.workers.length === count;
    });
  const upTo4 = { distributed: { minWorkers: 1, maxWorkers: 4 } };
  /** One more worker, for as long as it takes. */
  const joins = async (seen) => {
    const env = { ...process.env, ...system.workerEnvironment() };
    const worker = spawn(process.execPath, [path.join(root, 'apps/worker/dist/main.js')], { env, stdio: 'ignore' });
    await seen().finally(() => worker.kill('SIGTERM'));
  };
  return {
    'SIGKILL trainer': at('kill-trainer'),
    'SIGKILL trainer of rank 0': at('kill-trainer', 0),
    'SIGSTOP trainer': at('hang-trainer'),
    'SIGKILL agent': at('kill-worker'),
    'SIGKILL coordinator': {
      happen: async (id) => {
        await at('kill-trainer').happen(id);
        process.kill(await until(() => coordinatorOf(system, id)), 'SIGKILL');
      },
    },
    'SIGTERM worker (leaver)': at('leave'),
    'SIGSTOP worker, SIGCONT': at('hang-worker', 1, { seconds: 6 }),
    'corrupted chunk': at('corrupt'),
    'connections dropped': at('drop-redis'),
    'checkpoint store full for 10 s': at('full-disk', 0, { seconds: 10 }),
    'slow rank for 4 s': at('slow', 1, { seconds: 4 }),
    'trainer out of memory': { ...at('out-of-memory'), numbers: 'change' },
    'control Redis restart': { happen: () => servers.control.restart() },
    'gradient Redis restart': { happen: () => servers.gradients.restart() },
    'both Redis unreachable 20 s': {
      happen: async () => {
        for (const server of [servers.control, servers.gradients]) server.unreachable(true);
        await sleep(20_000);
        for (const server of [servers.control, servers.gradients]) server.unreachable(false);
      },
    },
    'API and database down to the end': {
      happen: async (id) => {
        const pids = ['api', 'database'].map(part);
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        try {
          await until(() => completedInRedis(servers.control.url, id), 300);
        } finally {
          for (const pid of pids) process.kill(pid, 'SIGCONT');
        }
      },
    },
    joiner: {
      body: upTo4,
      happen: (id) => joins(() => trainsOn(id, 4).then(() => system.finished(id))),
    },
    'joiner while the store is full': {
      body: upTo4,
      happen: async (id) => {
        // every worker, since whoever is rank 0 when it comes has to save; each step takes longer, so that the run lasts until then
        const gang = (await get(id)).workers;
        const all = async (fault, seconds) => {
          for (const { workerId } of gang) await system.chaos(workerId, { fault, seconds });
        };
        await all('slow', 600);
        await all('full-disk', 600);
        await joins(async () => {
          await until(async () => (await events(id)).some(({ type }) => type === 'worker-released'), 300);
          await all('full-disk', 0.1);
          await trainsOn(id, 4);
          await all('slow', 0.1);
          await system.finished(id);
        });
      },
    },
    'pause, resume': {
      happen: async (id) => {
        await post(id, 'pause');
        await until(async () => (await get(id)).status === 'paused');
        await post(id, 'resume');
      },
    },
    'scale 3 to 1 to 2': {
      happen: async (id) => {
        await post(id, 'scale', { maxWorkers: 1 });
        await trainsOn(id, 1);
        await post(id, 'scale', { maxWorkers: 2 });
        await until(async () => (await events(id)).filter(({ type }) => type === 'resumed').length >= 2);
      },
    },
  };
}

/** The process of the agent that told the run's ledger of the recovery: it coordinates. */
async function coordinatorOf({ dataDir, parts }, id) {
  for (const { name, pid } of parts().filter((one) => one.name.startsWith('worker-'))) {
    const lines = readFileSync(path.join(dataDir, 'logs', `${name}.log`), 'utf8').split('\n');
    if (lines.some((line) => line.includes(id) && line.includes('"event":"recovering"'))) return pid;
  }
  return null;
}

async function completedInRedis(url, id) {
  const redis = new Redis(url);
  redis.on('error', () => undefined);
  try {
    return String(await redis.hget(`regatta:run:${id}:state`, 'status')).includes('completed');
  } finally {
    redis.disconnect();
  }
}

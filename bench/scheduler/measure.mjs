import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bullPrefix, keys, queueNames } from '@regatta/contracts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { findRedis } from '../../tools/redis-server.mjs';
import { freePort } from '../free-port.mjs';
import { Account } from './account.mjs';
import { costLine, costSoFar } from './cost.mjs';
import { pack } from './greedy.mjs';
import { readLedger } from './ledger.mjs';
import { makeRuns, submit } from './workload.mjs';

/** When whole hosts are killed: shares of the time that the greedy packing takes. */
const hostDeaths = [0.25, 0.6];
const idleMs = 4000;

/** Runs one setting from an empty control server to the last run's end, and says what was seen. Gives up after twice the greedy packing's time. */
export async function measure({ runs: count, workers, hosts, seconds, mtbf }) {
  const [load] = loadavg();
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-bench-'));
  const port = await freePort();
  const { command, env } = findRedis();
  const args = ['--port', port, '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn(command, args.map(String), { env: { ...process.env, ...env }, stdio: 'ignore' });
  const redisUrl = `redis://127.0.0.1:${port}`;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  const queue = new Queue(queueNames.runs, { connection: redis, prefix: bullPrefix });
  queue.on('error', () => {});
  const lives = new Set();
  const startHost = async () => {
    const settings = { workers: workers / hosts, redisUrl, mtbf };
    const host = fork(new URL('./host.mjs', import.meta.url), [JSON.stringify(settings)]);
    lives.add(host);
    host.once('exit', () => lives.delete(host));
    const [said] = await Promise.race([once(host, 'message'), once(host, 'exit')]);
    if (typeof said === 'number') throw new Error(`a host ended with ${said}`);
    return host;
  };
  const cost = () =>
    costSoFar(
      redis,
      server.pid,
      [...lives].map(({ pid }) => pid),
    );
  let account;
  try {
    const gangs = await Promise.all(Array.from({ length: hosts }, startHost));
    const runs = makeRuns(count, workers, seconds);
    const work = runs.reduce((sum, run) => sum + run.work, 0);
    const greedy = pack(runs, workers);
    console.error(
      `${count} runs, ${workers} workers on ${hosts} hosts; the greedy packing takes ${greedy.makespan.toFixed(0)} s`,
    );
    const resting = await cost();
    await sleep(idleMs);
    const before = await cost();
    console.error(`with nothing to do: ${costLine(resting, before, workers)}`);
    const begun = Date.now();
    account = new Account(redis, workers);
    // the greedy packing has them all from the beginning
    await Promise.all(runs.map((run) => submit(redis, queue, run)));
    const kills = hostDeaths.map((share) => begun + share * greedy.makespan * 1000);
    const giveUp = begun + 2 * greedy.makespan * 1000 + 60_000;
    for (let told = 0; ; await sleep(500)) {
      const left = await redis.zcard(keys.activeRuns);
      if (left === 0 || Date.now() > giveUp) break;
      if (Date.now() > kills[0]) {
        kills.shift();
        gangs.shift().kill('SIGKILL');
        gangs.push(await startHost());
      }
      if (Date.now() - told > 30_000) {
        told = Date.now();
        console.error(
          `${((told - begun) / 1000).toFixed(0)} s: ${left} runs left, load average ${loadavg()[0].toFixed(1)}`,
        );
      }
    }
    account.stop();
    const spent = costLine(before, await cost(), workers);
    const ledger = await readLedger(redis);
    const completed = ledger.filter(({ status }) => status === 'completed');
    const last = completed.length < count ? Date.now() : Math.max(...completed.map(({ ended }) => ended));
    const makespan = (last - begun) / 1000;
    const waits = ledger.map(({ started }) => (started ?? Date.now()) - begun);
    const longestWait = Math.max(...waits) / 1000;
    const use = (span) => work / (workers * span);
    return {
      load,
      greedy: { ...greedy, utilisation: use(greedy.makespan) },
      completed: completed.length,
      makespan,
      utilisation: use(makespan),
      longestWait,
      ledger,
      spent,
      account: account.rows(work, workers * makespan),
      /** Deaths of trainers for an hour of a worker, and of workers with their hosts. */
      failures: {
        trainers: 3600 / mtbf,
        hosts: (hostDeaths.length * (workers / hosts) * 3600) / (workers * greedy.makespan),
      },
    };
  } finally {
    account?.stop();
    const over = [...lives].map((host) => once(host, 'exit'));
    for (const host of lives) host.disconnect();
    await Promise.race([Promise.all(over), sleep(5000)]);
    for (const host of lives) host.kill('SIGKILL');
    await queue.close();
    redis.disconnect();
    server.kill('SIGKILL');
    await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

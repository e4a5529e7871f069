import { until } from '../faults/system.mjs';

/** What can happen, and how often beside the others. `to`: a worker's fault on demand, a part that is killed, or something asked of a run. */
const happenings = [
  { name: 'kill-trainer', weight: 4, to: 'worker' },
  { name: 'hang-trainer', weight: 2, to: 'worker' },
  { name: 'kill-worker', weight: 2, to: 'worker' },
  { name: 'hang-worker', weight: 2, to: 'worker', body: { seconds: 6 } },
  { name: 'leave', weight: 2, to: 'worker' },
  { name: 'corrupt', weight: 3, to: 'worker' },
  { name: 'drop-redis', weight: 3, to: 'worker' },
  { name: 'slow', weight: 2, to: 'worker', body: { seconds: 5 } },
  { name: 'full-disk', weight: 2, to: 'worker', body: { seconds: 5 } },
  { name: 'redis-control', weight: 1, to: 'part' },
  { name: 'redis-gradients', weight: 1, to: 'part' },
  { name: 'api', weight: 1, to: 'part' },
  { name: 'pause', weight: 1, to: 'run' },
  { name: 'scale', weight: 2, to: 'run' },
];
/** These end an agent: the first worker is spared them, so that its memory can be watched. */
const endsAgent = ['kill-worker', 'leave'];

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Lets one thing happen, drawn by `random`. @returns what happened, {kind, text}; null: what was drawn was not possible just then */
export async function strike(system, random, { runs, parts }) {
  const possible = happenings.filter(({ to }) => parts || to !== 'part');
  const pick = (list) => list[Math.floor(random() * list.length)];
  const what = pick(possible.flatMap((one) => Array.from({ length: one.weight }, () => one)));
  if (what.to === 'part') {
    process.kill(system.part(what.name), 'SIGKILL');
    return { kind: what.name, text: `${what.name} killed` };
  }
  if (what.to === 'run') return askOf(system, pick(runs()), what.name, random);
  const spared = `-${system.part('worker-1')}-`;
  const workers = (await system.workers()).filter(
    ({ id, status, run }) => status !== 'lost' && run && !(endsAgent.includes(what.name) && id.includes(spared)),
  );
  if (workers.length === 0) return null;
  const worker = pick(workers);
  await system.chaos(worker.id, { fault: what.name, ...what.body });
  return { kind: what.name, text: `${what.name} at rank ${worker.rank} of ${worker.run.slice(-4)}` };
}

async function askOf(system, runId, name, random) {
  if (!runId) return null;
  if (name === 'scale') {
    const maxWorkers = 1 + Math.floor(random() * 4);
    await system.post(runId, 'scale', { maxWorkers });
    return { kind: name, text: `${runId.slice(-4)} scaled to ${maxWorkers}` };
  }
  await system.post(runId, 'pause');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  // it must not stay paused for ever
  await until(() => system.post(runId, 'resume'), 30);
  return { kind: name, text: `${runId.slice(-4)} paused and resumed` };
}

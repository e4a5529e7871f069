import { jobNames, keys, newId, reconcileOptions, runConfig } from '@regatta/contracts';

/** Smallest and largest gang, as often as they stand here. */
const sizes = [
  [1, 1],
  [1, 1],
  [2, 2],
  [2, 2],
  [4, 4],
  [8, 8],
  [1, 4],
  [16, 16],
];

/**
 * The same list every time: gangs of 1 to 16, half to one and a half times the mean length, in steps of about a second (10 at least).
 * @returns {{min: number, max: number, work: number, steps: number}[]} work in worker-seconds
 */
export function makeRuns(count, workers, seconds) {
  const fitting = sizes.filter(([min]) => min <= workers);
  return Array.from({ length: count }, (_, i) => {
    const [min, max] = fitting[(i * 5) % fitting.length];
    const length = seconds * (0.5 + ((i * 0.618034) % 1));
    return { min, max, work: length * ((min + max) / 2), steps: Math.max(10, Math.round(length)) };
  });
}

/** Queues a run as the API does. */
export async function submit(redis, queue, { min, max, work, steps }) {
  const runId = newId();
  const config = runConfig.parse({
    name: `sleeps ${Math.round(work * 1000)}`,
    task: 'bert-pretrain',
    dataset: 'none',
    training: { maxSteps: steps, maxRestarts: 20, globalBatchSize: 16 },
    distributed: { minWorkers: min, maxWorkers: max, logicalShards: 16 },
  });
  const dataset = { id: newId(), name: 'none', version: 1, sha256: '', kind: 'text' };
  const spec = { runId, config, dataset, base: null, createdAt: new Date().toISOString() };
  await redis
    .multi()
    .set(keys.spec(runId), JSON.stringify(spec))
    .hset(keys.desired(runId), { state: 'running', priority: 0 })
    .zadd(keys.activeRuns, Date.parse(spec.createdAt), runId)
    .exec();
  await queue.add(jobNames.runs, { runId }, reconcileOptions(runId));
}

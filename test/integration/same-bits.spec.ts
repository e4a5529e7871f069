import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gradientTraffic, int8, Membership, VectorFormat } from '@regatta/collective';
import { keys, type ModelEntry, type StateEntry } from '@regatta/contracts';
import { openStore } from '@regatta/storage';
import { Redis } from 'ioredis';
import { Cluster } from '../support/cluster.js';
import { type PretrainingBody, pretrainingSpec, sampleText } from '../support/pretraining.js';
import { until } from '../support/until.js';

const steps = 40;
/** By compression, for a run whose seed is 1. */
const formats = {
  none: () => new VectorFormat(),
  bf16: (parameters: number) => new VectorFormat(parameters),
  int8: (parameters: number) => new VectorFormat(parameters, int8(1)),
};

interface Numbers {
  weightsSha256: string | null;
  losses: [step: number, loss: number][];
}

/** Everything is real: worker programs with their trainers, Redis servers, the artifact store; bert-debug with dropout on. */
describe('training on several workers', () => {
  let cluster: Cluster;
  let folder: string;
  let dataset: string;
  let undisturbed: Numbers | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'regatta-same-bits-'));
    const artifacts = pathToFileURL(folder).href;
    dataset = (await openStore(artifacts).putBlob(Buffer.from(sampleText()))).sha256;
    cluster = await Cluster.start();
    await Promise.all([cluster.addWorker(artifacts), cluster.addWorker(artifacts)]);
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const submit = (
    workers: number,
    seed = 1,
    training: PretrainingBody['training'] = {},
    distributed: PretrainingBody['distributed'] = {},
  ) =>
    cluster.submitSpec(
      pretrainingSpec(dataset, {
        seed,
        training: { maxSteps: steps, evaluateEvery: 15, checkpointEvery: 10, ...training },
        distributed: { minWorkers: workers, maxWorkers: workers, ...distributed },
      }),
    );
  /** The numbers of a run that is to complete: the loss of every step and the hash of the weights. */
  const numbersOf = async (runId: string) => {
    const { weightsSha256, workers } = await cluster.reached(runId, 'completed', 120_000);
    const losses = [...(await cluster.losses(runId))].sort(([a], [b]) => a - b);
    const numbers: Numbers = { weightsSha256, losses };
    return { numbers, workers: workers.length };
  };

  it('gives the same bits on one worker, on two, and on two of which one is killed; another seed gives others', async () => {
    const one = await numbersOf(await submit(1));
    undisturbed = one.numbers;
    expect(one.numbers.losses.map(([step]) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    expect(one.numbers.losses.every(([, loss]) => Number.isFinite(loss))).toBe(true);

    const two = await numbersOf(await submit(2));
    expect([one.workers, two.workers]).toEqual([1, 2]);
    expect(two.numbers).toEqual(one.numbers);

    const disturbed = await submit(2);
    await cluster.committed(disturbed, 13);
    process.kill(await cluster.trainerOf(disturbed, 1), 'SIGKILL');
    expect((await numbersOf(disturbed)).numbers).toEqual(one.numbers);
    const resumed = (await cluster.events(disturbed)).find(({ event }) => event === 'resumed');
    expect(resumed?.data).toMatchObject({ workersBefore: 2, workersAfter: 2 });
    expect(resumed?.data.fromStep).toBeGreaterThanOrEqual(10);

    const other = await numbersOf(await submit(2, 2));
    expect(other.numbers.weightsSha256).not.toBe(one.numbers.weightsSha256);
    expect(other.numbers.losses[0]).not.toEqual(one.numbers.losses[0]);
  }, 240_000);

  it('goes on with a smaller micro-batch where a rank is short of memory, and says that the numbers are others', async () => {
    undisturbed ??= (await numbersOf(await submit(2))).numbers;
    const runId = await submit(2);
    await cluster.committed(runId, 5);
    const { workers } = (await cluster.states(runId)).findLast((state) => state.workers.length === 2) as StateEntry;
    await cluster.redis.publish(keys.chaos(workers[1].workerId), JSON.stringify({ fault: 'out-of-memory', atStep: 8 }));
    const { numbers } = await numbersOf(runId);
    const change = (await cluster.events(runId)).find(({ event }) => event === 'numbers-changed');
    expect(change?.data).toEqual({ before: 2, microBatchSize: 1 });
    const step = change?.step as number;
    expect(step).toBeGreaterThanOrEqual(8);
    expect(numbers.losses.slice(0, step)).toEqual(undisturbed.losses.slice(0, step));
    expect(numbers.weightsSha256).not.toBe(undisturbed.weightsSha256);
    // the same weights, examples and masks, but other dropout
    const differences = numbers.losses.map(([, loss], i) => Math.abs(loss - (undisturbed as Numbers).losses[i][1]));
    expect(differences[step]).toBeGreaterThan(0);
    expect(Math.max(...differences)).toBeLessThan(0.2);
  }, 300_000);

  it('does not advance while one of the ranks stands still', async () => {
    const runId = await submit(2, 1, { maxSteps: 1_000_000, evaluateEvery: 1_000_000, checkpointEvery: 1_000_000 });
    await cluster.committed(runId, 5);
    const membership = new Membership(cluster.redis);
    const complete = async () => (await membership.group(runId))?.complete?.step ?? 0;
    const stopped = await cluster.trainerOf(runId, 1);
    process.kill(stopped, 'SIGSTOP');
    // what was already sent may still complete one step; then nothing moves, for as long as twenty steps took before
    const atMost = (await complete()) + 1;
    const began = performance.now();
    await until(() => performance.now() - began > 1500);
    expect(await complete()).toBeLessThanOrEqual(atMost);

    process.kill(stopped, 'SIGCONT');
    await until(async () => (await complete()) > atMost + 3);
    expect((await cluster.states(runId)).at(-1)).toMatchObject({ status: 'running', restarts: 0 });
    await cluster.cancel(runId);
    await cluster.reached(runId, 'cancelled');
  }, 120_000);

  it.each(['none', 'bf16', 'int8'] as const)(
    'sends through the gradient server what the formula says, and tells it (compression: %s)',
    async (compression) => {
      const gradients = new Redis(cluster.gradients.url);
      const received = async () => Number(/total_net_input_bytes:(\d+)/.exec(await gradients.info('stats'))?.[1]);
      const before = await received();
      const runId = await submit(2, 1, { maxSteps: 50, evaluateEvery: 50, checkpointEvery: 50 }, { compression });
      await cluster.reached(runId, 'completed', 60_000);
      const perStep = ((await received()) - before) / 50;
      gradients.disconnect();

      const entries = await cluster.entries(runId);
      const { parameters } = entries.find(({ type }) => type === 'model') as ModelEntry;
      const format = formats[compression](parameters);
      const { ranks, server } = gradientTraffic({
        floats: parameters,
        chunkFloats: format.chunkFloats,
        shards: 8,
        worldSize: 2,
        format,
      });
      // on top of it: padding and losses at the end of the vector, commands and notices
      expect(perStep).toBeGreaterThanOrEqual(server.received);
      expect(perStep).toBeLessThan(server.received * 1.05);
      for (const [rank, { sent, received }] of ranks.entries()) {
        const told = entries.flatMap((entry) =>
          entry.type === 'metrics' ? (entry.values[`rank.${rank}.exchangedBytes`] ?? []) : [],
        );
        expect(told).toHaveLength(1);
        expect(told[0]).toBeGreaterThanOrEqual(sent + received);
        expect(told[0]).toBeLessThan((sent + received) * 1.05);
      }
    },
    120_000,
  );
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Fault, keys } from '@regatta/contracts';
import { Cluster } from '../support/cluster.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const training = { maxSteps: 150, checkpointEvery: 50 };

describe('a fault on purpose', () => {
  let cluster: Cluster;
  let undisturbed: Map<number, number>;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.addAgent();
    await cluster.addAgent();
    const runId = await cluster.submit({ training });
    await cluster.reached(runId, 'completed');
    undisturbed = await cluster.losses(runId);
  });
  afterAll(() => cluster.stop());

  /** The ledger of a run whose rank 1 suffers `fault` once step 5 is committed. */
  const suffer = async (fault: Fault) => {
    await until(async () => (await cluster.workers()).filter(({ status }) => status === 'idle').length >= 2);
    const runId = await cluster.submit({ training, distributed: { minWorkers: 2, maxWorkers: 2 } }, { stepMs: 20 });
    const workers = async () => (await cluster.states(runId)).at(-1)?.workers ?? [];
    await until(async () => (await workers()).length === 2);
    const { workerId } = (await workers())[1];
    expect(await cluster.redis.publish(keys.chaos(workerId), JSON.stringify({ ...fault, atStep: 5 }))).toBe(1);
    await cluster.reached(runId, 'completed', 240_000);
    expect(await cluster.losses(runId)).toEqual(undisturbed);
    const ledger = await cluster.events(runId);
    expect(ledger.filter(({ event }) => event === 'fault')).toMatchObject([
      { data: { fault: fault.fault, workerId, rank: 1 } },
    ]);
    expect(ledger.find(({ event }) => event === 'fault')?.step).toBeGreaterThanOrEqual(5);
    return ledger.map(({ message }) => message).join('\n');
  };

  it.each<[Fault, RegExp]>([
    [{ fault: 'kill-trainer' }, /its trainer was ended by SIGKILL/],
    [{ fault: 'corrupt' }, /is missing or is not what its key says/],
    [{ fault: 'drop-redis' }, /lost the connection to Redis/],
    // these trainers' sums do not depend on micro-batches; test/integration/same-bits.spec.ts has real ones
    [{ fault: 'out-of-memory' }, /Numbers changed: .* micro-batch has 4 sequences from here on instead of 8/],
  ])('%j happens at its step, is told, and changes no number', async (fault, told) => {
    expect(await suffer(fault)).toMatch(told);
  });

  it('that slows a rank down ends nothing', async () => {
    expect(await suffer({ fault: 'slow', seconds: 1 })).not.toMatch(/lost/);
  });

  it('of a joiner, or no room for the state that it needs, holds the gang up for no longer than it takes to see that', async () => {
    await until(async () => (await cluster.workers()).filter(({ status }) => status === 'idle').length >= 2);
    const endless = { maxSteps: 100_000, checkpointEvery: 90_000 };
    const runId = await cluster.submit({ training: endless, distributed: { minWorkers: 1 } }, { stepMs: 20 });
    const trainsOn = (count: number) =>
      until(async () => (await cluster.states(runId)).at(-1)?.reason === `trains on ${count} workers`, {
        what: async () => (await cluster.events(runId)).map(({ message }) => message),
      });
    await trainsOn(2);

    const broken = await cluster.addAgent('kind-a', 'broken');
    const trouble = async () => (await cluster.workers()).find(({ id }) => id === broken.workerId)?.trouble;
    const first = await until(trouble);
    expect(first).toMatchObject({ runId, times: 1, message: expect.stringContaining('no such device') });
    // twice as long the next time
    const second = await until(async () => ((await trouble())?.times === 2 ? trouble() : null));
    expect((second?.until as number) - (first?.until as number)).toBeGreaterThan(10_000);
    broken.process.kill('SIGKILL');

    // whoever is rank 0 then
    const gang = (await cluster.states(runId)).at(-1)?.workers ?? [];
    const disk = async (seconds: number) => {
      for (const { workerId } of gang)
        await cluster.redis.publish(keys.chaos(workerId), JSON.stringify({ fault: 'full-disk', seconds }));
    };
    await disk(600);
    await until(async () => (await cluster.events(runId)).filter(({ event }) => event === 'fault').length === 2);
    await cluster.addAgent();
    const released = async () => (await cluster.events(runId)).find(({ event }) => event === 'worker-released');
    expect((await until(released)).message).toMatch(
      /no room for the state that it needs; it is asked again after 5.0 s/,
    );
    await trainsOn(2);
    await cluster.committed(runId, (await cluster.losses(runId)).size + 5);
    await disk(1);
    await trainsOn(3);
    const end = (await cluster.states(runId)).at(-1);
    expect(end?.restarts).toBe(0);
    const losses = await cluster.losses(runId);
    for (const [step, loss] of undisturbed)
      if (losses.has(step)) expect([step, losses.get(step)]).toEqual([step, loss]);
    await cluster.cancel(runId);
    await cluster.reached(runId, 'cancelled');
  }, 240_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { until } from '../support/until.js';

/** Real agents and Redis servers, trainers that only exchange 16 floats: what people and runs of higher priority may ask of a run. */
describe('a run that is paused, scaled and pre-empted', () => {
  let cluster: Cluster;
  let undisturbed: { weights: string | null; losses: Map<number, number> };
  const training = { maxSteps: 100, checkpointEvery: 40 };
  /** A step is long beside what the test does meanwhile; what comes after is quick. */
  const slow = { stepMs: 300 };
  const goOnQuickly = (runId: string) => cluster.redis.hset(`fake:${runId}`, { stepMs: 10 });

  const expectUndisturbed = async (runId: string) => {
    const end = await cluster.reached(runId, 'completed');
    expect(end.weightsSha256).toBe(undisturbed.weights);
    expect(await cluster.losses(runId)).toEqual(undisturbed.losses);
    return end;
  };
  const event = async (runId: string, name: string) =>
    (await cluster.events(runId)).filter((entry) => entry.event === name);
  /** Waits until the run trains on so many workers, or has done so. */
  const trainsOn = (runId: string, workers: number) =>
    until(
      async () =>
        (await cluster.states(runId)).some(
          ({ status, reason }) =>
            status === 'running' && reason === `trains on ${workers} worker${workers === 1 ? '' : 's'}`,
        ),
      { what: async () => (await cluster.events(runId)).map(({ event, message }) => `${event}: ${message}`) },
    );
  const idle = (workers: number) =>
    until(async () => (await cluster.workers()).filter(({ status }) => status === 'idle').length >= workers);

  beforeAll(async () => {
    cluster = await Cluster.start();
    await Promise.all([cluster.addAgent(), cluster.addAgent(), cluster.addAgent()]);
    const runId = await cluster.submit({ training });
    const end = await cluster.reached(runId, 'completed');
    undisturbed = { weights: end.weightsSha256, losses: await cluster.losses(runId) };
    expect(undisturbed.losses.size).toBe(100);
  });
  afterAll(() => cluster.stop());

  it('goes from one worker to three and down to two, and comes to the same numbers', async () => {
    await idle(3);
    const runId = await cluster.submit({ training, distributed: { minWorkers: 1, maxWorkers: 1 } }, slow);
    await cluster.committed(runId, 2);
    await cluster.want(runId, { minWorkers: 1, maxWorkers: 3 });
    await trainsOn(runId, 3);
    await goOnQuickly(runId);
    await cluster.want(runId, { minWorkers: 1, maxWorkers: 2 });
    await trainsOn(runId, 2);
    await idle(1);

    const end = await expectUndisturbed(runId);
    expect(end.restarts).toBe(0);
    expect((await event(runId, 'scaled')).map(({ message }) => message)).toEqual([
      'The run was scaled to 1 to 3 workers (before: 1 worker).',
      'The run was scaled to 1 to 2 workers (before: 1 to 3 workers).',
    ]);
    expect((await event(runId, 'worker-released')).map(({ data }) => data)).toMatchObject([
      { workersBefore: 3, workersAfter: 2 },
    ]);
    for (const { data } of await event(runId, 'resumed')) expect(data).toMatchObject({ stepsRepeated: 0 });
  });

  it('stops at a step when it is paused, holds no worker, and goes on from there when it is resumed', async () => {
    await idle(3);
    const runId = await cluster.submit({ training }, slow);
    await cluster.committed(runId, 3);
    const before = (await cluster.losses(runId)).size;
    await cluster.want(runId, { state: 'paused' });
    await cluster.reached(runId, 'paused');
    await idle(3);
    const at = (await cluster.losses(runId)).size;
    // the step under way, and what was committed between our count and the order
    expect(at - before).toBeLessThanOrEqual(4);
    const [paused] = await event(runId, 'paused');
    expect(paused.message).toBe(`The run is paused at step ${at}, with a checkpoint. It holds no worker.`);
    const saved = (await cluster.entries(runId)).filter(({ type }) => type === 'checkpoint');
    expect(saved).toMatchObject([{ step: at, weightsSha256: paused.data.weightsSha256 }]);

    await goOnQuickly(runId);
    await cluster.want(runId, { state: 'running' });
    const end = await expectUndisturbed(runId);
    expect(end.restarts).toBe(0);
    expect((await event(runId, 'started')).map(({ data }) => data.resumeStep)).toEqual([null, at]);
  });

  it('is paused where its survivors stop when a worker is lost meanwhile, and can be cancelled then', async () => {
    await idle(3);
    const runId = await cluster.submit({ training }, slow);
    await cluster.committed(runId, 2);
    process.kill(await cluster.trainerOf(runId, 0), 'SIGKILL');
    await cluster.want(runId, { state: 'paused' });
    await cluster.reached(runId, 'paused');
    const [paused] = await event(runId, 'paused');
    expect(paused.data.step).toBe((await cluster.losses(runId)).size);
    expect(paused.data.weightsSha256).not.toBeNull();
    await cluster.want(runId, { state: 'cancelled' });
    await cluster.reached(runId, 'cancelled');
    await idle(3);
  });

  it('is paused at once while it waits', async () => {
    const runId = await cluster.submit({ training, distributed: { minWorkers: 4 } });
    await cluster.reached(runId, 'queued');
    await cluster.want(runId, { state: 'paused' });
    await cluster.reached(runId, 'paused');
    await cluster.want(runId, { state: 'running', minWorkers: 1 });
    await expectUndisturbed(runId);
  });

  it('gives workers to a run of higher priority down to its minimum, and takes them back', async () => {
    await idle(3);
    const low = await cluster.submit({ training, distributed: { minWorkers: 1 } }, slow);
    await trainsOn(low, 3);
    const high = await cluster.submit({ training, priority: 5, distributed: { minWorkers: 2 } });
    const { time } = await cluster.reached(high, 'running');
    await goOnQuickly(low);
    expect((await event(high, 'started'))[0].data).toMatchObject({ workers: 2 });
    await expectUndisturbed(high);
    const end = await expectUndisturbed(low);
    expect(end.restarts).toBe(0);
    const released = await event(low, 'worker-released');
    expect(released).toHaveLength(2);
    expect(released[0].message).toContain('of priority 5 needs it');
    expect(Date.parse(time) - Date.parse(released[0].time)).toBeLessThan(60_000);
  });

  it('is saved and queued again where that is not enough, and goes on afterwards', async () => {
    await idle(3);
    const low = await cluster.submit({ training, distributed: { minWorkers: 2 } }, slow);
    await cluster.committed(low, 3);
    const high = await cluster.submit({ training, priority: 5, distributed: { minWorkers: 3 } });
    await cluster.reached(high, 'running');
    await goOnQuickly(low);
    await expectUndisturbed(high);
    await expectUndisturbed(low);
    const [preempted] = await event(low, 'pre-empted');
    expect(preempted.data).toMatchObject({ by: high, priority: 5, ownPriority: 0 });
    const starts = await event(low, 'started');
    expect(starts[1].data.resumeStep).toBeGreaterThanOrEqual(3);
    expect(starts).toHaveLength(2);
  });
});

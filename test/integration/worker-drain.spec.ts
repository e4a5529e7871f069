import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { until } from '../support/until.js';

/** Real agents and Redis servers, trainers that only exchange 16 floats. */
describe('a worker that a person drains', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start();
    await Promise.all([cluster.addAgent(), cluster.addAgent()]);
  });
  afterAll(() => cluster.stop());

  const worker = async (id: string) => (await cluster.workers()).find((beat) => beat.id === id);
  const trainsOn = (runId: string, workers: number) =>
    until(async () => {
      const last = (await cluster.states(runId)).at(-1);
      return last?.status === 'running' && last.workers.length === workers;
    });

  it('leaves its run, which goes on without it, takes no offer, and joins again when it is wanted back', async () => {
    const [{ workerId }] = cluster.agents;
    const runId = await cluster.submit(
      { training: { maxSteps: 4000, checkpointEvery: 1000 }, distributed: { maxWorkers: 2 } },
      { stepMs: 25 },
    );
    await trainsOn(runId, 2);
    await cluster.drain(workerId, true);
    await until(async () => {
      const beat = await worker(workerId);
      return beat?.status === 'draining' && beat.runId === null;
    });
    await trainsOn(runId, 1);
    const at = (await cluster.losses(runId)).size;
    await cluster.committed(runId, at + 5);
    expect(await worker(workerId)).toMatchObject({ status: 'draining', runId: null });
    await cluster.drain(workerId, false);
    await trainsOn(runId, 2);
    expect(await worker(workerId)).toMatchObject({ runId });
    await cluster.committed(runId, (await cluster.losses(runId)).size + 5);
    await cluster.cancel(runId);
    expect((await cluster.reached(runId, 'cancelled')).restarts).toBe(0);
    const left = (await cluster.events(runId)).filter(({ event }) => event === 'worker-left');
    expect(left[0].data).toMatchObject({ workerId });
    const steps = [...(await cluster.losses(runId)).keys()].sort((a, b) => a - b);
    expect(steps).toEqual(steps.map((_, i) => i + 1));
  });

  it('has told the log of the run what it and its trainer did, by rank', async () => {
    const runId = await cluster.submit({ distributed: { minWorkers: 2 } });
    await cluster.reached(runId, 'completed');
    const lines = async () =>
      (await cluster.entries(runId)).flatMap((entry) => (entry.type === 'logs' ? entry.lines : []));
    const training = async () => (await lines()).filter(({ text }) => text.startsWith('training  '));
    const overs = async () => (await lines()).filter(({ text }) => text.startsWith('rank over'));
    await until(async () => (await overs()).length === 2, { what: lines });
    expect((await training()).map(({ rank }) => rank).sort()).toEqual([0, 1]);
    const said = (await cluster.entries(runId)).filter((entry) => entry.type === 'logs');
    const numbers = said.flatMap(({ writer, seq, lines }) => lines.map((_, i) => `${writer} ${seq + i}`));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

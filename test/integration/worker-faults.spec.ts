import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster, type TestAgent } from '../support/cluster.js';
import { until } from '../support/until.js';

/** Real agents and Redis servers, trainers that only exchange 16 floats: what happens to a run when something breaks. */
describe('a run through faults', () => {
  let cluster: Cluster;
  const agents: TestAgent[] = [];
  let undisturbed: { weights: string | null; losses: Map<number, number> };

  const alive = () =>
    agents.filter(({ process: { exitCode, signalCode } }) => exitCode === null && signalCode === null);
  /** Two idle workers, whatever the test before has done to them. */
  const twoWorkers = async () => {
    while (alive().length < 2) {
      agents.push(await cluster.addAgent());
    }
    await until(async () => (await cluster.workers()).filter(({ status }) => status === 'idle').length >= 2);
  };
  /** Never more than two ranks, whoever else is there. */
  const longRun = { training: { maxSteps: 60, checkpointEvery: 10 }, distributed: { maxWorkers: 2 } };
  /** Long enough for what is found after seconds to be over before the run is. */
  const veryLongRun = { training: { maxSteps: 120, checkpointEvery: 50 } };
  const slow = { stepMs: 75 };

  /** The same numbers as if nothing had happened: no step missing, none with two values, equal weights. */
  const expectUndisturbed = async (runId: string) => {
    const end = await cluster.reached(runId, 'completed');
    expect(end.weightsSha256).toBe(undisturbed.weights);
    expect(await cluster.losses(runId)).toEqual(undisturbed.losses);
    return end;
  };
  const event = async (runId: string, name: string) =>
    (await cluster.events(runId)).filter((entry) => entry.event === name);
  const holderOf = async (runId: string, rank: number): Promise<TestAgent> => {
    const { workers } = (await cluster.states(runId)).findLast((state) => state.workers.length > 0) ?? { workers: [] };
    return agents.find(({ workerId }) => workerId === workers[rank]?.workerId) as TestAgent;
  };

  /** From the next generation on, steps take so long: a worker that is to come back finds a run that is not over. */
  const goOnAt = (runId: string, stepMs: number) => cluster.redis.hset(`fake:${runId}`, { stepMs });

  /** Waits until the run trains on two workers and has made so many steps. @returns the trainers of its two ranks */
  const trains = async (runId: string, step: number) => {
    await until(async () => (await cluster.states(runId)).at(-1)?.workers.length === 2);
    await cluster.committed(runId, step);
    const starts = await cluster.starts(runId);
    return [0, 1].map((rank) => starts.findLast((start) => start.rank === rank)?.pid as number);
  };

  beforeAll(async () => {
    cluster = await Cluster.start();
    agents.push(await cluster.addAgent());
    const runId = await cluster.submit(longRun);
    const end = await cluster.reached(runId, 'completed');
    undisturbed = { weights: end.weightsSha256, losses: await cluster.losses(runId) };
    expect(undisturbed.losses.size).toBe(60);
  });
  afterAll(() => cluster.stop());

  it('goes on from the step under way when a trainer is killed, takes the worker in again, and accounts for both', async () => {
    await twoWorkers();
    const runId = await cluster.submit(longRun, slow);
    const [survivor, victim] = await trains(runId, 15);
    await goOnAt(runId, 500);
    process.kill(victim, 'SIGKILL');
    await until(async () => (await event(runId, 'resumed')).length >= 1);
    await goOnAt(runId, 10);

    const end = await expectUndisturbed(runId);
    expect(end.restarts).toBe(1);
    expect(end.goodput).toBeGreaterThan(0);
    expect(end.goodput).toBeLessThan(1);
    const names = (await cluster.events(runId)).map((entry) => entry.event);
    expect(names.slice(names.indexOf('worker-lost'))).toEqual([
      'worker-lost',
      'recovering',
      'reformed',
      'resumed',
      'worker-joins',
      'reformed',
      'resumed',
      'completed',
    ]);
    const [lost] = await event(runId, 'worker-lost');
    expect(lost.data).toMatchObject({ rank: 1, cause: 'its trainer was ended by SIGKILL' });
    const [alone, together] = (await event(runId, 'resumed')).slice(-2);
    expect(alone.data).toMatchObject({ workersBefore: 2, workersAfter: 1, stepsRepeated: 0 });
    expect(alone.data.fromStep).toBeGreaterThanOrEqual(14);
    expect(together.data).toMatchObject({ workersBefore: 1, workersAfter: 2, stepsRepeated: 0 });
    // the survivor's process lives on, at rank 0, with nothing read back
    const first = (await cluster.starts(runId)).filter(({ rank }) => rank === 0);
    expect(first.length).toBeGreaterThanOrEqual(3);
    expect(new Set(first.map(({ pid }) => pid))).toEqual(new Set([survivor]));
  });

  it.each(['control', 'gradients'] as const)('goes on from where it was when the %s server restarts', async (which) => {
    await twoWorkers();
    const runId = await cluster.submit(longRun, slow);
    const before = await trains(runId, 15);
    await goOnAt(runId, 10);
    await cluster[which].restart();

    await expectUndisturbed(runId);
    expect(new Set((await cluster.starts(runId)).map(({ pid }) => pid))).toEqual(new Set(before));
    for (const { data } of await event(runId, 'resumed')) expect(data).toMatchObject({ stepsRepeated: 0 });
  });

  it.each([0, 1])('finds out within seconds that the trainer of rank %i hangs', async (rank) => {
    await twoWorkers();
    const runId = await cluster.submit(veryLongRun, slow);
    const pid = (await trains(runId, 15))[rank];
    await goOnAt(runId, 500);
    process.kill(pid, 'SIGSTOP');
    await until(async () => (await event(runId, 'resumed')).length > 0);
    await goOnAt(runId, 10);

    await cluster.reached(runId, 'completed');
    expect((await cluster.losses(runId)).size).toBe(120);
    expect(isRunning(pid)).toBe(false);
    // the one that waited for it is not taken for one that hangs
    const ledger = await cluster.events(runId);
    const before = ledger.slice(
      0,
      ledger.findIndex((entry) => entry.event === 'resumed'),
    );
    expect(before.filter((entry) => entry.event === 'worker-lost').map(({ data }) => data)).toMatchObject([
      { rank, cause: expect.stringMatching(/^no step for \d+\.\d s$/) },
    ]);
    const resumed = (await event(runId, 'resumed')).map(({ data }) => [data.workersAfter, data.stepsRepeated]);
    expect([resumed[0], resumed.at(-1)]).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('lets a worker that was frozen and wakes again write nothing, and takes it in anew', async () => {
    await twoWorkers();
    const runId = await cluster.submit(veryLongRun, slow);
    const [trainer] = await trains(runId, 15);
    const zombie = await holderOf(runId, 0);
    await goOnAt(runId, 500);
    // the trainer first: it must not see that its agent is away
    for (const pid of [trainer, zombie.process.pid as number]) process.kill(pid, 'SIGSTOP');
    await until(async () => (await event(runId, 'resumed')).length >= 1);
    await goOnAt(runId, 10);
    const { fromStep } = (await event(runId, 'resumed'))[0].data as { fromStep: number };
    for (const pid of [trainer, zombie.process.pid as number]) process.kill(pid, 'SIGCONT');

    const end = await cluster.reached(runId, 'completed');
    const [lost] = await event(runId, 'worker-lost');
    expect(lost.data).toMatchObject({ workerId: zombie.workerId, cause: expect.stringMatching(/^no heartbeat/) });
    // of the generation that it still believed in there is nothing but what had been committed
    const old = (await cluster.entries(runId)).filter((entry) => entry.type === 'metrics' && entry.generation === 1);
    expect(Math.max(...old.map((entry) => ('step' in entry ? entry.step : 0)))).toBeLessThanOrEqual(fromStep);
    expect((await cluster.losses(runId)).size).toBe(120);
    expect((await event(runId, 'worker-joins')).map(({ data }) => data.workerId)).toEqual([zombie.workerId]);
    expect(end.workers).toHaveLength(2);
  });

  it('goes on with those that are left when an agent is killed, and leaves no orphan', async () => {
    await twoWorkers();
    const runId = await cluster.submit(longRun, slow);
    const [trainer] = await trains(runId, 15);
    await goOnAt(runId, 10);
    const victim = await holderOf(runId, 0);
    victim.process.kill('SIGKILL');

    await until(() => !isRunning(trainer), { what: 'the end of the orphan' });
    await expectUndisturbed(runId);
    const [lost] = await event(runId, 'worker-lost');
    expect(lost.data).toMatchObject({ rank: 0, workerId: victim.workerId });
    expect(lost.data.cause).toMatch(/no heartbeat for \d+\.\d s/);
    const [resumed] = await event(runId, 'resumed');
    expect(resumed.data).toMatchObject({ workersBefore: 2, workersAfter: 1 });
  });

  it.each([0, 1])('loses no step when the worker of rank %i is asked to leave', async (rank) => {
    await twoWorkers();
    const runId = await cluster.submit(longRun, slow);
    await trains(runId, 12);
    await goOnAt(runId, 10);
    const leaver = await holderOf(runId, rank);
    leaver.process.kill('SIGTERM');

    const end = await expectUndisturbed(runId);
    expect(end.restarts).toBe(0);
    await until(() => leaver.process.exitCode === 0, { what: 'a clean exit' });
    const [left] = await event(runId, 'worker-left');
    expect(left.data).toMatchObject({ rank, workerId: leaver.workerId });
    expect(await event(runId, 'worker-lost')).toEqual([]);
    const [resumed] = await event(runId, 'resumed');
    expect(resumed.data).toMatchObject({ stepsRepeated: 0, workersBefore: 2, workersAfter: 1 });
    expect((await cluster.workers()).map(({ id }) => id)).not.toContain(leaver.workerId);
  });

  it('uses the checkpoint before one that is damaged, and says so', async () => {
    await twoWorkers();
    const runId = await cluster.submit(longRun, { stepMs: 200, corrupt: 20 });
    const trainers = await trains(runId, 21);
    await goOnAt(runId, 10);
    // nobody is left who holds the state
    for (const pid of trainers) process.kill(pid, 'SIGKILL');

    await expectUndisturbed(runId);
    const [warning] = await event(runId, 'warning');
    expect(warning.message).toContain('The checkpoint of step 20 is refused: model.safetensors is truncated');
    expect((await event(runId, 'resumed'))[0].data).toMatchObject({ fromStep: 10 });
  });

  it('gives up after maxRestarts failures without a step between, with the last error', async () => {
    await twoWorkers();
    const training = { ...longRun.training, maxRestarts: 2 };
    const runId = await cluster.submit({ training }, { failAtStart: 'no such device', retryable: '1' });
    const end = await cluster.reached(runId, 'failed');
    expect(end.error).toEqual({ code: 'engine', message: 'no such device' });
    expect(end.restarts).toBe(2);
    expect(await event(runId, 'recovering')).toHaveLength(2);
  });

  it('fails at once where trying again cannot help', async () => {
    await twoWorkers();
    const runId = await cluster.submit(longRun, { failAtStart: 'the data set is empty', retryable: '0' });
    const end = await cluster.reached(runId, 'failed');
    expect(end).toMatchObject({ error: { code: 'engine', message: 'the data set is empty' }, restarts: 0 });
    await until(async () => (await cluster.activeRuns()).length === 0);
  });

  it('calls nobody silent while Redis itself is away', async () => {
    await twoWorkers();
    const runId = await cluster.submit({ training: { maxSteps: 60, checkpointEvery: 10 } }, slow);
    await trains(runId, 12);
    cluster.control.process.kill('SIGSTOP');
    const resumeAt = performance.now() + 4500;
    await until(() => performance.now() > resumeAt);
    cluster.control.process.kill('SIGCONT');

    const end = await expectUndisturbed(runId);
    expect(end.restarts).toBe(0);
  });

  it('leaves no key of all these runs in either server but those that expire', async () => {
    // the offer that a killed agent had taken goes when its lock has expired and somebody has looked
    const left = () => cluster.keysOfRuns();
    await until(async () => (await left()).lasting.length === 0, { what: left });
    // on the gradient server: sums of last steps, and what ranks that were lost did not read
    expect((await left()).expiring.filter((key) => key.startsWith('control:'))).toEqual([
      'control: regatta:run:RUN:abort',
      'control: regatta:run:RUN:desired',
      'control: regatta:run:RUN:reports',
      'control: regatta:run:RUN:spec',
      'control: regatta:run:RUN:state',
    ]);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cluster } from '../support/cluster.js';
import { type FaultPlan, faultPlans, Misfortune } from '../support/fault-plan.js';
import { until } from '../support/until.js';

const training = { maxSteps: 60, checkpointEvery: 15 };
const slow = { stepMs: 15 };
/** PLANS=30 draws other plans, and so many; PLAN='{…}' carries out one that a failure printed. */
const { PLANS, PLAN } = process.env;
const drawn = PLANS ? { numRuns: Number(PLANS) } : { numRuns: 3, seed: 32 };

describe('whatever happens to a run', () => {
  let cluster: Cluster;
  let undisturbed: { weights: string | null; losses: Map<number, number> };
  beforeAll(async () => {
    cluster = await Cluster.start();
    await cluster.addAgent();
    const runId = await cluster.submit({ training });
    const end = await cluster.reached(runId, 'completed');
    undisturbed = { weights: end.weightsSha256, losses: await cluster.losses(runId) };
    expect(undisturbed.losses.size).toBe(60);
  });
  afterAll(() => cluster.stop());

  const workersIdle = async (count: number) => {
    const idle = async () => (await cluster.workers()).filter(({ status }) => status === 'idle').length;
    for (let there = await idle(); there < count; there++) await cluster.addAgent();
    await until(async () => (await idle()) >= count);
  };

  /** Carries a plan out; throws with what the ledger says and how to repeat it where the numbers are not the undisturbed ones. */
  const survives = async (plan: FaultPlan): Promise<void> => {
    await workersIdle(plan.workers);
    const runId = await cluster.submit({ training, distributed: { maxWorkers: 3 } }, slow);
    const misfortune = new Misfortune(cluster, runId);
    try {
      await misfortune.strike(plan.faults);
      const end = await cluster.reached(runId, 'completed');
      expect(await cluster.losses(runId)).toEqual(undisturbed.losses);
      expect(end.weightsSha256).toBe(undisturbed.weights);
    } catch (error) {
      const replay = `PLAN='${JSON.stringify(plan)}' npm test -- test/integration/worker-fault-plans`;
      const ledger = (await misfortune.ledger()).join('\n  ');
      throw new Error(`${(error as Error).message}\nAgain: ${replay}\nLedger:\n  ${ledger}`, { cause: error });
    }
  };

  it('has the numbers of one that nothing happened to', async () => {
    if (PLAN) return survives(JSON.parse(PLAN) as FaultPlan);
    // a smaller plan is not looked for: each takes seconds
    await fc.assert(fc.asyncProperty(faultPlans(training.maxSteps), survives), { ...drawn, endOnFailure: true });
    const left = () => cluster.keysOfRuns();
    await until(async () => (await left()).lasting.length === 0, { what: left });
  }, 3_600_000);
});

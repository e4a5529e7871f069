import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Cluster, type TestAgent } from '../support/cluster.js';
import { Namespace, whyNoNamespaces } from '../support/namespaces.js';
import { until } from '../support/until.js';

const training = { maxSteps: 120, checkpointEvery: 40 };
const why = whyNoNamespaces();
if (why) console.warn(`skipped: network namespaces are not allowed here (${why})`);

(why ? describe.skip : describe)('workers on hosts of their own', () => {
  let cluster: Cluster;
  let spaces: Namespace[] = [];
  let agents: TestAgent[];
  beforeAll(async () => {
    cluster = await Cluster.start();
    for (const { url } of [cluster.control, cluster.gradients]) {
      const redis = new Redis(url);
      await redis.config('SET', 'protected-mode', 'no');
      redis.disconnect();
    }
    spaces = [new Namespace(0), new Namespace(1)];
    agents = await Promise.all(spaces.map(({ command, host }) => cluster.addAgentAt(command, host)));
  });
  afterAll(async () => {
    await cluster?.stop();
    for (const space of spaces) space.remove();
  });

  it('go on without the one that is cut off, take it back, and have the numbers of an undisturbed run', async () => {
    const both = { minWorkers: 1, maxWorkers: 2 };
    const first = await cluster.submit({ training, distributed: both });
    await cluster.reached(first, 'completed');
    const undisturbed = await cluster.losses(first);

    const runId = await cluster.submit({ training, distributed: both }, { stepMs: 30 });
    await until(async () => (await cluster.states(runId)).at(-1)?.workers.length === 2);
    await cluster.committed(runId, 10);
    spaces[1].cut();
    const ledger = () => cluster.events(runId);
    const lost = () => ledger().then((events) => events.find(({ event }) => event === 'worker-lost'));
    expect((await until(lost, { what: ledger })).data.workerId).toBe(agents[1].workerId);
    const after = (await cluster.losses(runId)).size;
    await cluster.committed(runId, Math.min(after + 5, training.maxSteps));

    spaces[1].mend();
    await cluster.reached(runId, 'completed');
    expect(await cluster.losses(runId)).toEqual(undisturbed);
    // it is a worker like any other again
    const again = await cluster.submit({ training, distributed: { minWorkers: 2, maxWorkers: 2 } });
    await cluster.reached(again, 'completed');
    expect(await cluster.losses(again)).toEqual(undisturbed);
    const left = () => cluster.keysOfRuns();
    await until(async () => (await left()).lasting.length === 0, { what: left });
  });
});

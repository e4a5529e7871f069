// One rank of the benchmark; run.mjs forks it with its setting as JSON. For every message 'go' it makes one step and answers {ms, cpuMs}.
import { connectRedisGroup, shardSlices, subtrees } from '@regatta/collective';
import { formatOf } from './format.mjs';

const { options, floats, compression } = JSON.parse(process.argv[2]);
const group = await connectRedisGroup({ ...options, format: formatOf(compression, floats) });
const slice = shardSlices(options.shards, options.worldSize)[options.rank];
const parts = subtrees(slice, options.shards).map((subtree) => ({ subtree, data: new Float32Array(floats) }));
const result = new Float32Array(floats);
let step = 0;
process.on('message', async (message) => {
  if (message === 'end') {
    await group.close();
    process.disconnect();
    return;
  }
  // Whole numbers, alike in all places: exact in fewer bits too, and so are their sums for up to 8 ranks while they stay below 128.
  const value = (rank) => 1 + ((rank + step) % 16);
  for (const { data } of parts) {
    data.fill(value(options.rank));
  }
  await group.barrier('start');
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  await group.allReduce(step, parts, result);
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const wanted = shardSlices(options.shards, options.worldSize)
    .map((each, rank) => subtrees(each, options.shards).length * value(rank))
    .reduce((sum, each) => sum + each, 0);
  // Not every element: what the check heats is no part of the exchange.
  for (let i = step % 61; i < floats; i += 61) {
    if (result[i] !== wanted) {
      throw new Error(`step ${step}: result[${i}] is ${result[i]}, not ${wanted}`);
    }
  }
  step += 1;
  process.send({ ms, cpuMs: (user + system) / 1e3 });
});

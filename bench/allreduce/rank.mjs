// One rank of the benchmark; run.mjs forks it with its setting as JSON. Sends {rounds: [ms of each], waits: [ms of each]}.
import { connectRedisGroup, shardSlices, subtrees } from '@regatta/collective';

const { options, floats, warmup, rounds } = JSON.parse(process.argv[2]);
const group = await connectRedisGroup(options);
const slice = shardSlices(options.shards, options.worldSize)[options.rank];
const parts = subtrees(slice, options.shards).map((subtree) => ({ subtree, data: new Float32Array(floats) }));
const result = new Float32Array(floats);
const took = [];
const waits = [];
for (let step = 0; step < warmup + rounds; step += 1) {
  for (const { data } of parts) {
    data.fill(options.rank + step);
  }
  await group.barrier('start');
  const started = performance.now();
  const { waitMs } = await group.allReduce(step, parts, result);
  if (step >= warmup) {
    took.push(performance.now() - started);
    waits.push(waitMs);
  }
  // Parts of a rank add up to (rank + step) for each of its subtrees.
  const wanted = shardSlices(options.shards, options.worldSize)
    .map((each, rank) => subtrees(each, options.shards).length * (rank + step))
    .reduce((sum, value) => sum + value, 0);
  const wrong = result.findIndex((value) => value !== wanted);
  if (wrong >= 0) {
    throw new Error(`step ${step}: result[${wrong}] is ${result[wrong]}, not ${wanted}`);
  }
}
await group.barrier('end');
await group.close();
process.send({ rounds: took, waits });
process.disconnect();

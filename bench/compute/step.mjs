// A training step of Regatta's compiled engine a line of input, of some of the job's shards: forward, gradient, sum of shards, norm, clipping,
// AdamW. Started by run.mjs: step.mjs JOB [SHARD,…]
import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import { createEngine } from '@regatta/engine';
import { ourStep } from './our-step.mjs';

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const only = process.argv[3]?.split(',').map(Number);
const { gradient, update } = await ourStep(job, createEngine('compiled', { threads: job.threads }));

let step = 0;
console.log('ready');
for await (const _ of readline.createInterface({ input: process.stdin })) {
  step += 1;
  const start = performance.now();
  const loss = await gradient(step, only);
  update(step);
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, loss, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) }));
}

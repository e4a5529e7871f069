// One training step of Regatta's compiled engine a line of input: forward, gradient, norm, clipping, AdamW. Started by run.mjs.
import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import { createEngine } from '@regatta/engine';
import { bertStep } from './bert-step.mjs';

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { gradient, update } = await bertStep(job, createEngine('compiled', { threads: job.threads }));

let step = 0;
console.log('ready');
for await (const _ of readline.createInterface({ input: process.stdin })) {
  step += 1;
  const start = performance.now();
  const loss = await gradient(step);
  update(step);
  console.log(JSON.stringify({ ms: performance.now() - start, loss }));
}

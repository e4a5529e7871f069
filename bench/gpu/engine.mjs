// One engine on the job of bench/compute: a step's gradient into a file, then the times of some more. Started by run.mjs, a process an
// engine:  node engine.mjs KIND JOB GRADIENT STEPS
import { readFileSync, writeFileSync } from 'node:fs';
import { createEngine, engineProblem } from '@regatta/engine';
import { ourStep } from '../compute/our-step.mjs';

const [kind, jobFile, gradientFile, steps] = process.argv.slice(2);
const problem = await engineProblem(kind);
const answer = problem === null ? await measure() : { problem };
process.stdout.write(`\n${JSON.stringify({ kind, ...answer })}\n`);

async function measure() {
  const job = JSON.parse(readFileSync(jobFile, 'utf8'));
  const step = await ourStep(job, createEngine(kind, { threads: job.threads }));
  const loss = await step.gradient(1);
  writeFileSync(gradientFile, step.space.g.subarray(0, step.space.learning));
  step.update(1);
  const ms = [];
  for (let number = 2; number < 2 + Number(steps); number++) {
    const start = performance.now();
    await step.gradient(number);
    step.update(number);
    ms.push(performance.now() - start);
  }
  const sorted = ms.toSorted((a, b) => a - b);
  return { problem: null, loss, ms: sorted[sorted.length >> 1] };
}

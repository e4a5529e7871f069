// The first losses of our bert-mini step, dropout 0.1, beside a textbook BERT in PyTorch that is fed with our weights once and with our dropout
// masks at every step: a different loss at any step is an error of ours, in forward, gradient, clipping, AdamW or masks.
//   node bench/compute/losses.mjs [--steps 20] [--size mini|tiny]        part of npm run bench:compute
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '@regatta/engine';
import { pythonWithTorch } from '../python.mjs';
import { makeJob } from './job.mjs';
import { ourStep } from './our-step.mjs';
import { startRunner } from './runner.mjs';

/** How far a loss may be from PyTorch's. */
const tolerance = 1e-4;

/** Compares, prints a line and tells whether every loss was near enough. */
export async function compareLosses({ steps = 20, size = 'mini' } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'regatta-losses-'));
  try {
    const pairs = await losses(folder, size, steps);
    const worst = Math.max(...pairs.map(([ours, theirs]) => Math.abs(ours - theirs)));
    const close = worst <= tolerance;
    const [first, last] = [pairs[0], pairs.at(-1)].map((pair) => pair.map((loss) => loss.toFixed(6)).join(' / '));
    console.log(
      `losses of ${steps} steps of bert-${size}, dropout 0.1, our masks, ours / PyTorch's: first ${first}, last ${last}; ` +
        `farthest apart ${worst.toExponential(1)}${close ? '' : `: MISSED, at most ${tolerance}`}`,
    );
    return close;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function losses(folder, size, steps) {
  const job = makeJob(size, { threads: 1, dropout: 0.1 });
  const { space, sites, gradient, update } = await ourStep(job, createEngine('compiled', { threads: 1 }));
  const files = Object.fromEntries(['job', 'weights', 'masks'].map((name) => [name, join(folder, name)]));
  const weights = [...space.exportWeights()].map(([name, { shape, data }]) => ({ name, shape, data }));
  await writeFile(files.weights, Buffer.concat(weights.map(({ data }) => bytesOf(data))));
  const listed = weights.map(({ name, shape }) => ({ name, shape }));
  await writeFile(files.job, JSON.stringify({ ...job, weights: listed, sites, chunk: 4 }));
  const torch = startRunner('PyTorch', pythonWithTorch(), [
    fileURLToPath(new URL('losses.py', import.meta.url)),
    ...Object.values(files),
  ]);
  const pairs = [];
  try {
    await torch.line();
    for (let step = 1; step <= steps; step++) {
      await writeFile(files.masks, masksOf(space, sites, step));
      const ours = await gradient(step);
      update(step);
      pairs.push([ours, JSON.parse(await torch.ask('step')).loss]);
    }
  } finally {
    torch.end();
  }
  return pairs;
}

/** The masks of all sites, one behind the other, drawn at the end of the scratch, which the step's program does not reach. */
function masksOf(space, sites, step) {
  return Buffer.concat(
    sites.map(({ site, shape, rate }) => {
      const length = shape.reduce((a, b) => a * b, 1);
      const bytes = new Uint8Array(space.memory.buffer, space.scratchEnd - Math.ceil(length / 64) * 64, length);
      space.drawMask(bytes, Math.round(rate * 256), { seed: 1, step, shard: 0, site, firstBlock: 0 });
      return Buffer.from(bytes);
    }),
  );
}

const bytesOf = (floats) => Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { steps: { type: 'string', default: '20' }, size: { type: 'string', default: 'mini' } },
  });
  process.exitCode = (await compareLosses({ steps: Number(values.steps), size: values.size })) ? 0 : 1;
}

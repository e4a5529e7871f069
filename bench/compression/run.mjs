// What a run learns when its gradients travel in fewer bits, or only every so many local steps, beside the exact exchange: the demo's run without dropout, the same data, seeds and steps.
//   npm run build && node bench/compression/run.mjs [--modes bf16,int8,local8] [--seeds 1,2,3] [--steps 300] [--batch 96]
// One rank computes them: the numbers are the same on any number of workers. The bytes are those of two.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createMemoryGroups, gradientTraffic } from '@regatta/collective';
import { newId, runConfig } from '@regatta/contracts';
import { createEngine } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { formatOf, RankMemory, taskHandler, train } from '@regatta/training';
import { demoRun } from '../../tools/demo-run.mjs';
import { brownIn } from '../ranks/train-ranks.mjs';

const { values: args } = parseArgs({
  options: {
    modes: { type: 'string', default: 'bf16,int8' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '300' },
    batch: { type: 'string', default: String(demoRun.training.globalBatchSize) },
  },
});
const seeds = args.seeds.split(',').map(Number);
const [steps, globalBatchSize] = [args.steps, args.batch].map(Number);
const modes = args.modes.split(',');
const engine = createEngine('compiled', { threads: 1 });
const folder = await mkdtemp(join(tmpdir(), 'regatta-compression-'));
const store = openStore(folder);
try {
  console.log(
    `${cpus()[0].model}; load before ${loadavg()[0].toFixed(1)}; ${demoRun.model.preset}, ${steps} steps of ${globalBatchSize} sequences, dropout 0`,
  );
  console.log(
    '| seed | exchange | training loss, mean of the last tenth | held-out loss | MB a step between 2 workers |',
  );
  console.log('|---|---|---|---|---|');
  const dataset = await brownIn(folder);
  const losses = Object.fromEntries(['none', ...modes].map((mode) => [mode, []]));
  for (const seed of seeds) {
    for (const compression of Object.keys(losses)) {
      const { trained, heldOut, bytes } = await learn(dataset, seed, compression);
      losses[compression].push(heldOut);
      console.log(
        `| ${seed} | ${compression} | ${trained.toFixed(4)} | ${heldOut.toFixed(4)} | ${(bytes / 1e6).toFixed(2)} |`,
      );
    }
  }
  const noise = Math.max(...losses.none) - Math.min(...losses.none);
  const found = modes.map((mode) => {
    const differences = seeds.map((_, i) => losses[mode][i] - losses.none[i]);
    const missed = !(Math.max(...differences.map(Math.abs)) <= noise);
    const text = `${mode}'s held-out loss is ${differences.map((each) => each.toFixed(4)).join(', ')} from the exact one's`;
    return { missed, text: missed ? `${text}, more than the noise: MISSED` : text };
  });
  console.log(
    `compression: ${found.map(({ text }) => text).join('; ')}; the exact one's seeds differ by ${noise.toFixed(4)}; load after ${loadavg()[0].toFixed(1)}`,
  );
  process.exitCode = found.some(({ missed }) => missed) ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** `local8`: local steps, 8 of them. */
const exchangeOf = (mode) =>
  mode.startsWith('local') ? { localSteps: Number(mode.slice('local'.length)) } : { compression: mode };

async function learn(dataset, seed, mode) {
  const { model, training, distributed, ...rest } = demoRun;
  const config = runConfig.parse({
    ...rest,
    seed,
    model: { ...model, hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 },
    training: { ...training, globalBatchSize, maxSteps: steps, evaluateEvery: steps, checkpointEvery: steps },
    distributed: { ...distributed, ...exchangeOf(mode) },
  });
  const { logicalShards: shards, localSteps } = config.distributed;
  const spec = { runId: newId(), config, dataset, base: null, createdAt: new Date().toISOString() };
  const task = await taskHandler(config.task).prepare({ spec, store, engine });
  const format = formatOf(config, task.space);
  const [group] = createMemoryGroups(1, { shards, format });
  const trained = [];
  let heldOut = Number.NaN;
  await train({
    spec,
    group,
    store,
    task,
    memory: new RankMemory(),
    resume: null,
    report: async (entry) => {
      const values = entry.type === 'metrics' ? entry.values : {};
      if ('train.loss' in values) trained.push(values['train.loss']);
      heldOut = values['validation.loss'] ?? heldOut;
    },
    reported: async () => undefined,
    fingerprint: 'bench',
    codeVersion: 'bench',
  });
  const floats = task.space.reduced.length;
  const { server } = gradientTraffic({ floats, chunkFloats: format.chunkFloats, shards, worldSize: 2, format });
  await task.dispose();
  const last = trained.slice(-Math.ceil(steps / 10));
  return {
    trained: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    heldOut,
    bytes: (server.received + server.sent) / localSteps,
  };
}

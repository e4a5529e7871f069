// Does Hugging Face's transformers read what we trained? Loads the newest checkpoint of a data directory (what a model's export holds)
// and compares its losses on the run's own masked held-out text with those that the run stored.
//   npm run bench:transformers [-- --data-dir .regatta]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openStore } from '@regatta/storage';
import { heldOut, pretrainingData } from '@regatta/training';
import { pythonWithTorch } from '../python.mjs';

const { values: args } = parseArgs({ options: { 'data-dir': { type: 'string', default: '.regatta' } } });
const artifacts = path.resolve(args['data-dir'], 'artifacts');
const store = openStore(pathToFileURL(artifacts).href);

/** Folders of a folder, the newest first. */
const newestFirst = (folder) =>
  readdirSync(folder)
    .map((name) => path.join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
const blobs = () =>
  readdirSync(path.join(artifacts, 'blobs'), { recursive: true })
    .map((name) => path.basename(name))
    .filter((name) => /^[0-9a-f]{64}$/.test(name));

const [checkpoint] = newestFirst(newestFirst(path.join(artifacts, 'checkpoints'))[0]);
const { config, state } = JSON.parse(readFileSync(path.join(checkpoint, 'state.json'), 'utf8'));
const data = await dataOf(readFileSync(path.join(checkpoint, 'vocab.txt'), 'utf8'));
const batches = heldOut(config, data, [config.training.maxLength])
  .batches.flat()
  .map(({ batch }) => toHuggingFace(batch));

const folder = mkdtempSync(path.join(tmpdir(), 'regatta-transformers-'));
const file = path.join(folder, 'batches.json');
writeFileSync(file, JSON.stringify(batches));
const script = path.join(import.meta.dirname, 'losses.py');
const python = pythonWithTorch('transformers');
const { status, stdout } = spawnSync(python, [script, checkpoint, file], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
rmSync(folder, { recursive: true });
if (status !== 0) throw new Error(`losses.py ended with ${status}`);
const theirs = JSON.parse(stdout.trim().split('\n').at(-1));
const ours = state.lastEvaluation.metrics;
console.table({
  Regatta: { 'mlm loss': ours['mlm.loss'], 'nsp loss': ours['nsp.loss'] },
  transformers: { 'mlm loss': theirs.mlm, 'nsp loss': theirs.nsp },
});
const difference = Math.max(Math.abs(ours['mlm.loss'] - theirs.mlm), Math.abs(ours['nsp.loss'] - theirs.nsp));
console.log(
  `step ${state.step}, ${theirs.masked} masked tokens: greatest difference ${difference.toExponential(1)} (at most 1e-4)`,
);
process.exitCode = difference <= 1e-4 ? 0 : 1;

/** The data set is the blob whose training part gives the checkpoint's vocabulary. */
async function dataOf(vocabulary) {
  for (const sha256 of blobs()) {
    const candidate = await pretrainingData({ config, dataset: { sha256 } }, store).catch(() => undefined);
    if (candidate?.tokenizer.vocabTxt() === vocabulary) return candidate;
  }
  throw new Error(`No data set in ${artifacts} has this checkpoint's vocabulary.`);
}

function toHuggingFace(batch) {
  const rows = batch.weights.length;
  const length = batch.inputIds.length / rows;
  const table = (values) =>
    Array.from({ length: rows }, (_, r) => Array.from(values.subarray(r * length, (r + 1) * length)));
  const labels = Array.from({ length: rows }, (_, r) => {
    const row = new Array(length).fill(-100);
    if (batch.weights[r] > 0)
      batch.maskedPositions[r].forEach((position, i) => {
        row[position] = batch.labels[r][i];
      });
    return row;
  });
  const next = Array.from(batch.nextSentenceLabels, (label, r) => (batch.weights[r] > 0 ? label : -100));
  return {
    ids: table(batch.inputIds),
    segments: table(batch.tokenTypeIds),
    mask: table(batch.attentionMask),
    labels,
    next,
  };
}

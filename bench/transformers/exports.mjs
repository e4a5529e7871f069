// Do other tools read what we export, and say the same? Trains a small BERT with every head through the REST API, downloads its Hugging Face
// folder and its ONNX file, and compares transformers' and onnxruntime's answers with those of POST /models/:id/predict.
//   npm run bench:exports
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { answer, createClient } from '@regatta/client';
import { startStack } from '../../tools/stack.mjs';
import { freePort } from '../free-port.mjs';
import { questionsAndAnswers, ratings } from '../learning/data.mjs';
import { Laboratory } from '../learning/laboratory.mjs';
import { pythonWithTorch } from '../python.mjs';

const most = 1e-5;
const python = pythonWithTorch('transformers', 'onnxruntime');
const work = await mkdtemp(path.join(tmpdir(), 'regatta-exports-'));
const stack = await startStack({
  env: { DATA_DIR: path.join(work, 'data'), PORT: String(await freePort()), WORKERS: '1', LOG_LEVEL: 'warn' },
});
try {
  const client = createClient({ baseUrl: stack.url, apiKey: stack.apiKey() });
  const laboratory = new Laboratory(client, stack);
  await laboratory.upload('questions', 'question-answering', 'train.json', questionsAndAnswers(64));
  await laboratory.upload('ratings', 'regression', 'train.tsv', ratings(200));
  const table = [];
  for (const [name, dataset] of [
    ['BertForPreTraining', 'brown'],
    ['BertForSequenceClassification', 'brown-genre'],
    ['BertForSequenceClassification, regression', 'ratings'],
    ['BertForTokenClassification', 'brown-pos'],
    ['BertForQuestionAnswering', 'questions'],
  ]) {
    const run = await laboratory.train({
      name,
      task: dataset === 'brown' ? 'bert-pretrain' : 'bert-finetune',
      dataset,
      model: { preset: 'bert-debug' },
      tokenizer: { vocabSize: 600 },
      training: { maxSteps: 20, maxLength: 48, globalBatchSize: 16, evaluateEvery: 1000 },
    });
    table.push({ model: name, ...(await compare(client, run.model)) });
  }
  console.table(table);
  const worst = Math.max(...table.flatMap(({ transformers, 'ONNX file': onnx }) => [transformers, onnx]));
  console.log(`${table.length} heads: greatest difference ${worst.toExponential(1)} (at most ${most})`);
  process.exitCode = worst <= most ? 0 : 1;
} finally {
  await stack.stop();
  await rm(work, { recursive: true, force: true });
}

/** Greatest differences of all outputs, on rows of unequal length. */
async function compare(client, id) {
  const inputIds = [
    [2, 17, 91, 44, 3, 9, 60, 3],
    [2, 5, 99, 3],
  ];
  const tokenTypeIds = [
    [0, 0, 0, 0, 0, 1, 1, 1],
    [0, 0, 0, 0],
  ];
  const params = { path: { id } };
  const ours = await answer(client.POST('/api/v1/models/{id}/predict', { params, body: { inputIds, tokenTypeIds } }));
  const asked = path.join(work, 'asked.json');
  await writeFile(asked, JSON.stringify({ inputIds, tokenTypeIds, ours }));
  const zips = [];
  for (const format of ['huggingface', 'onnx']) {
    const url = `${stack.url}/api/v1/models/${id}/export?format=${format}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${stack.apiKey()}` } });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    zips.push(path.join(work, `${format}.zip`));
    await writeFile(zips.at(-1), Buffer.from(await response.arrayBuffer()));
  }
  const script = path.join(import.meta.dirname, 'exports.py');
  const { stdout } = await promisify(execFile)(python, [script, asked, ...zips]);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

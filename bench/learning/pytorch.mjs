import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ParameterSpace } from '@regatta/engine';
import { bertPretrainingParameters, huggingFaceConfig } from '@regatta/models';
import { encodeSafetensors, openStore } from '@regatta/storage';
import { batchOf, epochPlan, pretrainingExamples } from '@regatta/text';
import { heldOut, learningRate, pretrainingData } from '@regatta/training';
import { pythonWithTorch } from '../python.mjs';

/** Nats that ours may end above: rounding differs, and a difference grows while a model leaves its plateau. Chosen, not measured. */
const noise = 0.1;

/** A row that is measured only where it is named: a pretrained model's held-out losses beside PyTorch's. */
export const besidePyTorch = (group, preset, pretrained) => ({
  group,
  onlyByName: true,
  task: `BERT pretraining, ${preset}, Brown: from the same weights on the same batches`,
  async measure(laboratory) {
    const run = await pretrained(laboratory);
    const theirs = await pretrainWithPyTorch(run, laboratory.stack.dataDir);
    const { nextSentence } = run.config.pretraining;
    const losses = { 'mlm.loss': 'masked loss', ...(nextSentence && { 'nsp.loss': 'next sentence' }) };
    return Object.entries(losses).map(([name, what]) => {
      const ours = run.metrics[`validation.${name}`];
      return {
        what: `${what}, nats`,
        target: `at most ${noise} above PyTorch`,
        reached: ours.toFixed(3),
        baseline: `PyTorch ${theirs[name].toFixed(3)}`,
        ok: ours <= theirs[name] + noise,
      };
    });
  },
});

/**
 * Trains transformers' BertForPreTraining in PyTorch as a completed run of ours was trained: the same initial weights, batches, masks, rates
 * and steps.
 * @returns its losses on the run's own held-out batches, by the names of our metrics
 */
async function pretrainWithPyTorch({ config, dataset }, dataDir) {
  const python = pythonWithTorch('transformers');
  const store = openStore(pathToFileURL(path.resolve(dataDir, 'artifacts')).href);
  const data = await pretrainingData({ config, dataset }, store);
  const { maxLength, maxSteps } = config.training;
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-pytorch-'));
  try {
    await writeInitialModel(folder, config, data.tokenizer.vocab.length);
    const settings = { ...config.optimizer, length: maxLength, steps: maxSteps };
    const script = path.join(import.meta.dirname, 'pytorch.py');
    const child = spawn(python, [script, folder, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stdin.on('error', () => undefined); // a child that died says so by its exit status
    const send = async (micro, rate) => {
      if (!child.stdin.write(packed(micro, rate, config.pretraining.nextSentence)))
        await Promise.race([once(child.stdin, 'drain'), ended]);
    };
    let step = 0;
    for (const batches of trainingSteps(config, data)) {
      step += 1;
      await send(batches, learningRate(step, maxSteps, config.optimizer));
      if (child.exitCode !== null) break;
    }
    for (const shard of heldOut(config, data, [maxLength]).batches) {
      for (const { batch } of shard) await send([batch], 0);
    }
    child.stdin.end();
    const [status] = await ended;
    if (status !== 0) throw new Error(`pytorch.py ended with ${status}`);
    return JSON.parse(output.trim().split('\n').at(-1));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The run's weights before its first step, as a folder that transformers loads; without dropout, which no two programs draw alike. */
async function writeInitialModel(folder, { seed, model }, vocabSize) {
  if (model.hiddenDropoutProb > 0 || model.attentionProbsDropoutProb > 0) {
    throw new Error('Only a run without dropout can be trained again step by step elsewhere.');
  }
  const bert = { ...model, vocabSize, typeVocabSize: 2, layerNormEps: 1e-12 };
  const space = new ParameterSpace(bertPretrainingParameters(bert), { scratchBytes: 64, partials: 0, scalars: 16 });
  space.initialize(seed, model.initializerRange);
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(huggingFaceConfig(bert)));
  await writeFile(path.join(folder, 'model.safetensors'), encodeSafetensors(space.exportWeights(), { format: 'pt' }));
}

/** The micro-batches of every step, as the workers draw them. */
function* trainingSteps({ seed, training, pretraining, distributed }, { corpus, tokenizer, train }) {
  const { maxLength, globalBatchSize, maxSteps } = training;
  const { logicalShards } = distributed;
  const { nextSentence } = pretraining;
  const buckets = [maxLength];
  let step = 0;
  for (let epoch = 0; ; epoch++) {
    const examples = pretrainingExamples(corpus, train, { maxLength, nextSentence, seed, epoch });
    const plan = epochPlan({ seed, epoch, lengths: examples.lengths, buckets, globalBatchSize, logicalShards });
    for (let index = 0; index < plan.steps; index++) {
      if (step === maxSteps) return;
      step += 1;
      const { shards, real } = plan.step(index);
      const common = { corpus, examples, tokenizer, masking: pretraining, length: maxLength, seed, step, firstRow: 0 };
      yield shards.map((ids, shard) => batchOf({ ...common, ids, shard, real: real[shard] }));
    }
  }
}

/**
 * One step as bytes: rows (int32), the rate (float32), then int32 [rows, 3 · length + 1]: ids, segments (−1 for padding), labels (−100 where
 * nothing is masked), whether the second segment is a random one (−100 where that is not asked, and for a row that only fills its shard).
 */
function packed(batches, rate, nextSentence) {
  const rows = batches.flatMap(({ inputIds, tokenTypeIds, attentionMask, maskedPositions, labels, ...batch }) => {
    const length = inputIds.length / batch.weights.length;
    return maskedPositions.map((positions, r) => {
      const at = r * length;
      const counts = batch.weights[r] > 0;
      const row = new Int32Array(3 * length + 1).fill(-100);
      row.set(inputIds.subarray(at, at + length));
      for (let t = 0; t < length; t++) row[length + t] = attentionMask[at + t] ? tokenTypeIds[at + t] : -1;
      if (counts) for (const [i, t] of positions.entries()) row[2 * length + t] = labels[r][i];
      if (counts && nextSentence) row[3 * length] = batch.nextSentenceLabels[r];
      return row;
    });
  });
  const head = Buffer.alloc(8);
  head.writeInt32LE(rows.length, 0);
  head.writeFloatLE(rate, 4);
  return Buffer.concat([head, ...rows.map(({ buffer }) => Buffer.from(buffer))]);
}

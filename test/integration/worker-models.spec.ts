// One model of each kind, trained for some steps, asked through the queue by the worker program itself: what the API does is done here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerResult,
  bullPrefix,
  classifyResult,
  type DatasetKind,
  embedResult,
  evaluateResult,
  fillMaskResult,
  jobNames,
  newId,
  onnxResult,
  queueNames,
  type RunSpec,
  regressResult,
  tagResult,
  translateResult,
} from '@regatta/contracts';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import * as ort from 'onnxruntime-node';
import { Cluster } from '../support/cluster.js';
import { examplesFile, finetuningSpec, sampleExamples } from '../support/finetuning.js';
import { pretrainingSpec, sampleText } from '../support/pretraining.js';
import { trainInMemory } from '../support/train-in-memory.js';
import { pairsFile, samplePairs, translationSpec } from '../support/translation.js';

const steps = 4;
const training = { maxSteps: steps, evaluateEvery: steps, checkpointEvery: steps };
const question = { question: 'where is the otter ?', context: 'the old otter lives in São Paulo with cat' };

/** Each kind of model: what it is trained and measured on, what it is asked, and what the answer is. */
const kinds: {
  data: DatasetKind;
  examples: () => Buffer;
  spec: (sha256: string) => RunSpec;
  body: unknown;
  result: { parse(answer: unknown): unknown };
  metric: string;
  files: string[];
}[] = [
  {
    data: 'text',
    examples: () => Buffer.from(sampleText(12)),
    spec: (sha256) => pretrainingSpec(sha256, { training }),
    body: { inputs: ['the captain [MASK] his boat'] },
    result: fillMaskResult,
    metric: 'mlm.loss',
    files: ['model.onnx'],
  },
  ...(
    [
      ['classification', { inputs: ['a heron sees Oslo'] }, classifyResult, 'accuracy'],
      ['regression', { inputs: ['a heron sees Oslo'] }, regressResult, 'loss'],
      ['tagging', { inputs: ['a heron sees Oslo'] }, tagResult, 'f1'],
      ['question-answering', question, answerResult, 'exactMatch'],
    ] as const
  ).map(([data, body, result, metric]) => ({
    data,
    examples: () => examplesFile(sampleExamples(data, 30)),
    spec: (sha256: string) => finetuningSpec(data, sha256, { training }),
    body,
    result,
    metric,
    files: ['model.onnx'],
  })),
  {
    data: 'translation',
    examples: () => pairsFile(samplePairs(30)),
    spec: (sha256) => translationSpec(sha256, { training }),
    body: { inputs: ['the crew paints our wall'] },
    result: translateResult,
    metric: 'bleu',
    files: ['encoder_model.onnx', 'decoder_model.onnx'],
  },
];

describe('a worker is asked', () => {
  let cluster: Cluster;
  let folder: string;
  let store: ArtifactStore;
  let queue: Queue;
  let events: QueueEvents;
  let listening: Redis;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'regatta-models-'));
    store = openStore(`file://${folder}`);
    cluster = await Cluster.start();
    queue = new Queue(queueNames.inference, { connection: cluster.redis, prefix: bullPrefix });
    listening = cluster.redis.duplicate();
    events = new QueueEvents(queueNames.inference, { connection: listening, prefix: bullPrefix });
    await events.waitUntilReady();
    await cluster.addWorker(`file://${folder}`);
  });
  afterAll(async () => {
    await events.close();
    listening.disconnect();
    await queue.close();
    await cluster.stop();
    await rm(folder, { recursive: true });
  });

  const ask = async (owner: string, action: string, more: Record<string, unknown> = {}): Promise<unknown> => {
    const job = await queue.add(jobNames.inference, { action, modelId: newId(), owner, step: steps, ...more });
    return job.waitUntilFinished(events, 120_000);
  };

  it.each(kinds)('what a model of $data says, how good it is, and for its ONNX files', async (kind) => {
    const { sha256 } = await store.putBlob(kind.examples());
    const spec = kind.spec(sha256);
    await trainInMemory(store, spec, 1);

    const answer = kind.result.parse(await ask(spec.runId, 'predict', { body: kind.body }));
    expect(answer).toBeTruthy();
    const wrong = ask(spec.runId, 'predict', { body: { ...(kind.body as object), inputs: 7 } });
    await expect(wrong).rejects.toThrow('"code":"invalid"');

    const dataset = { sha256, kind: kind.data };
    const { metrics, examples } = evaluateResult.parse(await ask(spec.runId, 'evaluate', { dataset, split: 'all' }));
    expect(metrics[kind.metric]).toBeGreaterThanOrEqual(0);
    expect(examples).toBeGreaterThanOrEqual(30);

    const { files } = onnxResult.parse(await ask(spec.runId, 'onnx'));
    expect(files.map(({ name }) => name)).toEqual(kind.files);
    for (const { blob } of files) await (await ort.InferenceSession.create(await store.getBlob(blob))).release();

    const vectors = ask(spec.runId, 'embed', { body: { inputs: ['the old crew'] } });
    if (kind.data === 'translation') await expect(vectors).rejects.toThrow('gives no vectors');
    else expect(embedResult.parse(await vectors).results[0].pooled).toHaveLength(32);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fillMaskResult, nextSentenceResult, rawResult } from '@regatta/contracts';
import { createEngine } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { WordPieceTokenizer } from '@regatta/text';
import { pretrainingSpec, sampleText } from '../../../../../test/support/pretraining.js';
import { trainInMemory } from '../../../../../test/support/train-in-memory.js';
import { loadModel } from '../load-model.js';
import type { LoadedModel } from '../model.js';

let folder: string;
let model: LoadedModel;
let tokenizer: WordPieceTokenizer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-predict-'));
  const store = openStore(`file://${folder}`);
  const { sha256 } = await store.putBlob(Buffer.from(sampleText()));
  const spec = pretrainingSpec(sha256, { training: { maxSteps: 3, checkpointEvery: 3 } });
  await trainInMemory(store, spec, 1);
  model = await loadModel(createEngine('compiled', { threads: 1 }), store, spec.runId, 3);
  const { files } = await store.readCheckpoint(spec.runId, 3);
  tokenizer = WordPieceTokenizer.fromVocabTxt(files['vocab.txt'].toString(), { lowercase: true });
}, 60_000);
afterAll(async () => {
  await model.dispose();
  await rm(folder, { recursive: true });
});

const ask = (body: unknown) => model.predict(body);
const fillMask = async (inputs: string[], topK = 5) => fillMaskResult.parse(await ask({ inputs, topK })).results;

describe('fill-mask', () => {
  const text = 'the captain [MASK] his [MASK] at dawn.';

  it('gives the likeliest tokens for every mask, best first, with probabilities that sum to one over the vocabulary', async () => {
    const [masks] = await fillMask([text], 100);
    expect(masks).toHaveLength(2);
    for (const guesses of masks) {
      const scores = guesses.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      const vocabulary = Math.min(100, tokenizer.vocab.length);
      expect(guesses).toHaveLength(vocabulary);
      if (tokenizer.vocab.length <= 100) expect(scores.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(new Set(guesses.map(({ token }) => token)).size).toBe(vocabulary);
    }
  });

  it('answers alike whatever else is asked with it', async () => {
    const [alone] = await fillMask([text]);
    const others = Array.from({ length: 10 }, (_, i) => `${'nobody remembers [MASK] '.repeat(1 + (i % 3))}`);
    const together = await fillMask([...others, text]);
    expect(together).toHaveLength(11);
    expect(together[2]).toHaveLength(3);
    together[10].forEach((guesses, mask) => {
      guesses.forEach(({ token, score }, i) => {
        expect(token).toBe(alone[mask][i].token);
        expect(score).toBeCloseTo(alone[mask][i].score, 6);
      });
    });
  });

  it('agrees with the logits of the same ids', async () => {
    const { ids, tokenTypeIds } = tokenizer.encodePair(text, null);
    const raw = rawResult.parse(await ask({ inputIds: [[...ids]], tokenTypeIds: [[...tokenTypeIds]] }));
    const at = ids.indexOf(tokenizer.maskId);
    const logits = (raw.predictionLogits as number[][][])[0][at];
    const exponentials = logits.map((x) => Math.exp(x - Math.max(...logits)));
    const best = logits.indexOf(Math.max(...logits));
    const [[[first]]] = await fillMask([text]);
    expect(first.token).toBe(tokenizer.vocab[best]);
    expect(first.score).toBeCloseTo(1 / exponentials.reduce((a, b) => a + b), 6);
  });

  it('refuses a text without a mask, and one that is too long, by name', async () => {
    const noMask = fillMask([text, 'the captain']);
    await expect(noMask).rejects.toMatchObject({ code: 'invalid', errors: [{ path: 'inputs.1' }] });
    const long = fillMask([`${'captain '.repeat(30)}[MASK]`]);
    await expect(long).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('takes 24') });
  });
});

describe('next-sentence', () => {
  it('gives the probability of label 0', async () => {
    const pairs = [
      { text: 'the captain mends his boat', textPair: 'at dawn' },
      { text: 'at dawn', textPair: 'the captain mends his boat' },
    ];
    const { results } = nextSentenceResult.parse(await ask({ pairs }));
    expect(results).toHaveLength(2);
    const { ids, tokenTypeIds } = tokenizer.encodePair(pairs[0].text, pairs[0].textPair);
    const raw = rawResult.parse(await ask({ inputIds: [[...ids]], tokenTypeIds: [[...tokenTypeIds]] }));
    const [[next, random]] = raw.seqRelationshipLogits as number[][];
    expect(results[0].isNext).toBeCloseTo(1 / (1 + Math.exp(random - next)), 6);
    expect(results[0].isNext).not.toBe(results[1].isNext);
  });
});

describe('raw', () => {
  it('gives logits and hidden states of the shapes asked for; what is masked out changes nothing', async () => {
    const inputIds = [
      [2, 7, 8, 3],
      [2, 9, 3],
    ];
    const result = rawResult.parse(await ask({ inputIds, returnHiddenStates: true }));
    const logits = result.predictionLogits as number[][][];
    expect(logits.map((rows) => rows.length)).toEqual([4, 3]);
    expect(logits[1][2]).toHaveLength(tokenizer.vocab.length);
    expect(result.hiddenStates).toHaveLength(3);
    expect(result.hiddenStates?.[2][1]).toHaveLength(3);
    expect(result.hiddenStates?.[0][0][0]).toHaveLength(32);
    const padded = rawResult.parse(await ask({ inputIds: [[2, 9, 3, 11, 12]], attentionMask: [[1, 1, 1, 0, 0]] }));
    padded.predictionLogits?.[0][1].forEach((logit, id) => {
      expect(logit).toBeCloseTo(logits[1][1][id], 4);
    });
  });

  it.each([
    [{ inputIds: [[2, 9999, 3]] }, 'inputIds.0'],
    [{ inputIds: [[2, 3]], tokenTypeIds: [[0, 2]] }, 'tokenTypeIds.0'],
    [{ inputIds: [[2, 3]], tokenTypeIds: [[0]] }, 'tokenTypeIds.0'],
    [{ inputIds: [[2, 3]], attentionMask: [[1, 1], [1]] }, 'attentionMask'],
    [{ inputIds: [[2, 3]], attentionMask: [[0, 0]] }, 'attentionMask.0'],
    [{ inputIds: [new Array(25).fill(2)] }, 'inputIds.0'],
  ])('refuses %j, naming %s', async (body, where) => {
    await expect(ask(body)).rejects.toMatchObject({ code: 'invalid', errors: [{ path: where }] });
  });
});

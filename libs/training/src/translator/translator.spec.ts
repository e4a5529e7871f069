import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { architectures, type TranslationExample } from '@regatta/contracts';
import { createEngine } from '@regatta/engine';
import { openStore } from '@regatta/storage';
import { numbersOf, trainInMemory } from '../../../../test/support/train-in-memory.js';
import { pairsFile, samplePairs, translationSpec } from '../../../../test/support/translation.js';
import { evaluateTranslation } from './evaluate.js';
import { encodeSentences } from './pairs.js';
import { Translator } from './translator.js';

const greedy = { beamSize: 1, lengthPenalty: 0 };
const engine = createEngine('compiled', { threads: 1 });
const steps = 180;

/** Eight pairs are learnt by heart; another is held out. */
const pairs = samplePairs(9).map((pair, i) => ({
  ...pair,
  split: i < 8 ? ('train' as const) : ('validation' as const),
}));
const learnt = pairs.slice(0, 8);
const sources = learnt.map(({ source }) => source);

describe.each(architectures)('Translator of a trained %s', (architecture) => {
  let folder: string;
  let files: Record<string, Uint8Array>;
  let translator: Translator;
  let losses: Record<string, number | null>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'regatta-translator-'));
    const store = openStore(`file://${folder}`);
    const { sha256 } = await store.putBlob(pairsFile(pairs));
    const spec = translationSpec(sha256, {
      model: { architecture, dropout: 0 },
      translation: { labelSmoothing: 0 },
      distributed: { logicalShards: 2, maxWorkers: 2 },
      training: { maxSteps: steps, globalBatchSize: 8, evaluateEvery: steps, checkpointEvery: steps },
      optimizer: { learningRate: 1e-2, warmupSteps: 10, weightDecay: 0 },
    });
    losses = numbersOf((await trainInMemory(store, spec, 1)).entries);
    ({ files } = await store.readCheckpoint(spec.runId, steps));
    translator = Translator.load(engine, files);
  }, 300_000);
  afterAll(async () => {
    await translator.dispose();
    await rm(folder, { recursive: true });
  });

  it('has learnt eight pairs by heart, and says them', async () => {
    expect(losses[`${steps} train.loss`]).toBeLessThan(0.01);
    const translations = await translator.translate(sources, greedy);
    expect(translations.map(({ text }) => text)).toEqual(learnt.map(({ target }) => target));
    const { metrics, examples } = await evaluateTranslation(translator, learnt, { beamSize: 4, lengthPenalty: 0.6 });
    expect(examples).toBe(8);
    expect(metrics).toMatchObject({ bleu: expect.closeTo(100, 6), exactMatch: 1, accuracy: 1, leftOut: 0 });
    expect(metrics.loss).toBeLessThan(0.01);
  }, 30_000);

  it('translates a text alike alone and among others, in the order they were given', async () => {
    const unseen: TranslationExample[] = samplePairs(40).slice(20);
    const texts = [...sources, ...unseen.map(({ source }) => source)];
    const together = await translator.translate(texts, { beamSize: 2, lengthPenalty: 0.6 });
    for (const i of [3, 17, 25]) {
      const [alone] = await translator.translate([texts[i]], { beamSize: 2, lengthPenalty: 0.6 });
      expect(alone.text).toBe(together[i].text);
      expect(alone.score).toBeCloseTo(together[i].score, 4);
    }
  }, 30_000);

  it.each([1, 4])(
    'says through its cache with %i beams what it says under teacher forcing',
    async (beamSize) => {
      const unseen = samplePairs(60).slice(30);
      const texts = unseen.map(({ source }) => source);
      const source = encodeSentences(texts, translator.tokenizers.source);
      const found = await translator.search(
        texts.map((_, i) => source.ids.subarray(source.starts[i], source.starts[i + 1])),
        { beamSize, lengthPenalty: 0, maxLength: 12 },
      );
      const ended = found.filter(({ finished }) => finished);
      expect(ended.length).toBeGreaterThan(15);
      const rows = found.flatMap(({ finished }, i) => (finished ? [texts[i]] : []));
      const starts = new Int32Array(ended.length + 1);
      ended.forEach(({ tokens }, i) => {
        starts[i + 1] = starts[i] + tokens.length;
      });
      const target = { ids: Int32Array.from(ended.flatMap(({ tokens }) => Array.from(tokens))), starts };
      const pairsFound = { source: encodeSentences(rows, translator.tokenizers.source), target };
      const sums = await translator.score(pairsFound);
      if (beamSize === 1) expect(sums.correct).toBe(target.ids.length + ended.length);
      const nats = -ended.reduce((sum, { logProbability }) => sum + logProbability, 0);
      expect(Math.abs(sums.nll / nats - 1)).toBeLessThan(1e-4);
    },
    30_000,
  );

  it('finds with more beams nothing less probable, and tells where its decoder looked', async () => {
    const [source] = samplePairs(30).slice(29);
    const settings = { lengthPenalty: 0 };
    const [one] = await translator.translate([source.source], { ...settings, beamSize: 1 });
    const [four] = await translator.translate([source.source], { ...settings, beamSize: 4, returnAttention: true });
    expect(four.score).toBeGreaterThanOrEqual(one.score - 1e-5);
    const { self, cross, tokens, targetTokens } = four.attention ?? {};
    expect(tokens).toEqual([...source.source.split(' '), '</s>']);
    expect(targetTokens).toEqual([...four.tokens, '</s>']);
    if (architecture === 'seq2seq-gru') return expect(cross).toBeNull();
    if (architecture === 'seq2seq-attention') expect(self).toBeNull();
    for (const row of (self ?? []).flat(2)) {
      expect(row).toHaveLength(tokens?.length as number);
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    }
    expect((self ?? []).map((layer) => layer.map((head) => head.length))).toEqual(
      architecture === 'transformer' ? [[tokens?.length, tokens?.length]] : [],
    );
    expect(cross).toHaveLength(1);
    expect(cross?.[0]).toHaveLength(architecture === 'transformer' ? 2 : 1);
    for (const head of cross?.[0] ?? []) {
      expect(head.map((row) => row.length)).toEqual(Array(targetTokens?.length).fill(tokens?.length));
      for (const row of head) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    }
  }, 30_000);

  it('refuses a text that is too long, and files of something else', async () => {
    const long = Array(40).fill('wind').join(' ');
    const refused = translator.translate(['the wind', long], greedy);
    await expect(refused).rejects.toMatchObject({ code: 'invalid', errors: [{ path: 'inputs.1' }] });
    const { 'target_tokenizer.json': _, ...others } = files;
    expect(() => Translator.load(engine, others)).toThrow(/target_tokenizer\.json/);
    const bert = { ...files, 'config.json': Buffer.from('{"model_type":"bert"}') };
    expect(() => Translator.load(engine, bert)).toThrow(/does not describe a translation model/);
    await expect(
      evaluateTranslation(translator, [{ source: long, target: long, split: null }], greedy),
    ).rejects.toThrow(/short enough/);
  });
});

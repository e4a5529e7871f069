import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { architectures, evaluateResult, translateResult } from '@regatta/contracts';
import { createEngine, ParameterSpace } from '@regatta/engine';
import { seq2seqModel, transformerModel } from '@regatta/models';
import { encodeSafetensors } from '@regatta/storage';
import { loadTokenizer, trainTokenizer } from '@regatta/text';
import * as ort from 'onnxruntime-node';
import { samplePairs } from '../../../../test/support/translation.js';
import type { LoadedModel } from './model.js';
import { loadTranslation } from './translation.js';

const engine = createEngine('compiled', { threads: 1 });
const pairs = samplePairs(30);
const maxLength = 14;

/** A model with random weights, as its files. */
function filesOf(architecture: (typeof architectures)[number]): Record<string, Buffer> {
  const options = { type: 'words', vocabSize: 40, lowercase: true } as const;
  const [source, target] = (['source', 'target'] as const).map((side) =>
    trainTokenizer(
      pairs.map((pair) => pair[side]),
      options,
    ),
  );
  const vocabularies = { source: source.vocab.length, target: target.vocab.length };
  const shared = { hiddenSize: 12, numHiddenLayers: 2, dropout: 0.1, tieEmbeddings: false, labelSmoothing: 0 };
  const transformer = {
    numAttentionHeads: 3,
    intermediateSize: 17,
    positions: 'sinusoidal' as const,
    norm: 'post' as const,
    activation: 'relu' as const,
  };
  const isTransformer = architecture === 'transformer';
  const { parameters } = isTransformer
    ? transformerModel({ ...shared, ...transformer, maxPositionEmbeddings: maxLength }, vocabularies)
    : seq2seqModel({ ...shared, architecture }, vocabularies);
  const space = new ParameterSpace(parameters, { scratchBytes: 0, partials: 0, scalars: 0 });
  space.initialize(3, 0.6);
  const config = {
    model_type: 'regatta-translation',
    architecture,
    ...shared,
    ...(isTransformer && transformer),
    maxLength,
    sourceVocabSize: vocabularies.source,
    targetVocabSize: vocabularies.target,
  };
  return {
    'config.json': Buffer.from(JSON.stringify(config)),
    'model.safetensors': Buffer.from(encodeSafetensors(space.exportWeights())),
    'source_tokenizer.json': Buffer.from(source.toJson()),
    'target_tokenizer.json': Buffer.from(target.toJson()),
  };
}

const sources = pairs.slice(0, 3).map(({ source }) => source);

describe.each(architectures)('a %s', (architecture) => {
  let files: Record<string, Buffer>;
  let model: LoadedModel;
  beforeAll(() => {
    files = filesOf(architecture);
    model = loadTranslation(engine, files);
  });
  afterAll(() => model.dispose());

  it('translates, and shows what it looked at where it looks', async () => {
    const { results } = translateResult.parse(await model.predict({ inputs: sources }));
    expect(results).toHaveLength(3);
    for (const { tokens, score } of results) {
      expect(tokens.length).toBeLessThanOrEqual(maxLength);
      expect(score).toBeLessThan(0);
    }
    const { attention } = translateResult.parse(await model.predict({ inputs: [sources[0]], returnAttention: true }));
    const cross = attention?.cross ?? null;
    if (architecture === 'seq2seq-gru') expect(cross).toBeNull();
    else {
      for (const weights of (cross ?? []).flat(2)) {
        expect(weights).toHaveLength(attention?.tokens.length ?? 0);
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      }
      expect(cross?.[0][0]).toHaveLength(attention?.targetTokens?.length ?? 0);
    }
    const two = model.predict({ inputs: sources, returnAttention: true });
    await expect(two).rejects.toMatchObject({ code: 'invalid', errors: [{ path: 'returnAttention' }] });
  });

  it('is measured on parallel text, of the split that is asked for', async () => {
    const lines = pairs.map((pair, i) => JSON.stringify({ ...pair, split: i < 7 ? 'test' : 'train' }));
    const data = { kind: 'translation' as const, bytes: Buffer.from(`${lines.join('\n')}\n`) };
    const { metrics, examples } = evaluateResult.parse(await model.evaluate({ ...data, split: 'test' }));
    expect(examples).toBe(7);
    expect(metrics.loss).toBeGreaterThan(0);
    await expect(model.evaluate({ ...data, split: 'validation' })).rejects.toThrow('no example of the split');
    const text = model.evaluate({ kind: 'text', bytes: Buffer.from('a'), split: 'all' });
    await expect(text).rejects.toMatchObject({ code: 'invalid', errors: [{ path: 'dataset' }] });
  });

  it('decodes greedily from its ONNX files as here', async () => {
    const [source, target] = ['source', 'target'].map((side) => loadTokenizer(String(files[`${side}_tokenizer.json`])));
    const exported = await model.exportOnnx();
    const [encoder, decoder] = await Promise.all(
      ['encoder_model.onnx', 'decoder_model.onnx'].map((name) => ort.InferenceSession.create(exported[name])),
    );
    const B = sources.length;
    const ids = new BigInt64Array(B * maxLength);
    const mask = new BigInt64Array(B * maxLength);
    sources.forEach((text, b) => {
      const sentence = [...source.encode(text), source.eosId];
      sentence.forEach((id, t) => {
        ids[b * maxLength + t] = BigInt(id);
        mask[b * maxLength + t] = 1n;
      });
    });
    const attention_mask = new ort.Tensor('int64', mask, [B, maxLength]);
    const memory = await encoder.run({ input_ids: new ort.Tensor('int64', ids, [B, maxLength]), attention_mask });
    const feeds: Record<string, ort.Tensor> = { ...memory, attention_mask };
    for (const input of decoder.inputMetadata) {
      if (!input.name.startsWith('state.') || !('shape' in input) || feeds[input.name]) continue;
      const shape = [B, ...input.shape.slice(1).map(Number)];
      feeds[input.name] = new ort.Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b)), shape);
    }
    const said: string[][] = sources.map(() => []);
    const ended = sources.map(() => false);
    let tokens: number[] = sources.map(() => target.bosId);
    for (let t = 0; t < maxLength && ended.includes(false); t++) {
      const integers = (values: number[]) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [B]);
      const known = Object.fromEntries(decoder.inputNames.map((name) => [name, feeds[name]]));
      const outputs = await decoder.run({
        ...known,
        input_ids: integers(tokens),
        position: integers(tokens.map(() => t)),
      });
      for (const [name, value] of Object.entries(outputs)) {
        if (name.startsWith('present.')) feeds[name.replace('present.', 'state.')] = value;
        if (!name.startsWith('row.')) continue;
        const width = value.dims[1];
        const rows = value.data as Float32Array;
        const cache = feeds[name.replace('row.', 'state.')].data as Float32Array;
        for (let b = 0; b < B; b++) cache.set(rows.subarray(b * width, (b + 1) * width), (b * maxLength + t) * width);
      }
      const logits = outputs.logits.data as Float32Array;
      tokens = sources.map((_, b) => {
        const row = logits.subarray(b * target.vocab.length, (b + 1) * target.vocab.length);
        return row.indexOf(Math.max(...row));
      });
      tokens.forEach((token, b) => {
        ended[b] ||= token === target.eosId;
        if (!ended[b]) said[b].push(target.vocab[token]);
      });
    }
    await Promise.all([encoder.release(), decoder.release()]);
    const greedy = { inputs: sources, beamSize: 1, lengthPenalty: 0 };
    const { results } = translateResult.parse(await model.predict(greedy));
    expect(said).toEqual(results.map((result) => result.tokens));
    expect(said.flat().length).toBeGreaterThan(3);
  });
});

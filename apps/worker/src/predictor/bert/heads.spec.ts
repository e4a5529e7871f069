import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerResult,
  classifyResult,
  embedResult,
  fillMaskResult,
  type ModelKind,
  modelKindOf,
  nextSentenceResult,
  type PredictResult,
  rawResult,
  regressResult,
  tagResult,
} from '@regatta/contracts';
import { createEngine, ParameterSpace } from '@regatta/engine';
import { type BertConfig, type BertHeadShape, huggingFaceConfig, huggingFaceHeadConfig } from '@regatta/models';
import { encodeSafetensors } from '@regatta/storage';
import { trainWordPiece } from '@regatta/text';
import * as ort from 'onnxruntime-node';
import { sampleText } from '../../../../../test/support/pretraining.js';
import { describeBert, parametersOf } from './config.js';
import { embed } from './embed.js';
import { exportBert } from './export.js';
import { LoadedBert } from './loaded-bert.js';
import { predictBert } from './predict.js';

const tokenizer = trainWordPiece(sampleText().split('\n'), { vocabSize: 150, lowercase: true });
const config: BertConfig = {
  vocabSize: tokenizer.vocab.length,
  hiddenSize: 15,
  numHiddenLayers: 3,
  numAttentionHeads: 3,
  intermediateSize: 21,
  maxPositionEmbeddings: 24,
  typeVocabSize: 2,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  layerNormEps: 1e-12,
  initializerRange: 0.3,
};
const engine = createEngine('compiled', { threads: 1 });

/** A model with random weights, as its files; without the parameters that `lacks` names. */
function modelOf(json: Record<string, unknown>, lacks = /^$/): LoadedBert {
  const space = new ParameterSpace(parametersOf(describeBert(json)), { scratchBytes: 0, partials: 0, scalars: 0 });
  space.initialize(5, 0.3);
  const weights = new Map([...space.exportWeights()].filter(([name]) => !lacks.test(name)));
  return LoadedBert.load(engine, {
    'config.json': Buffer.from(JSON.stringify(json)),
    'vocab.txt': Buffer.from(tokenizer.vocabTxt()),
    'tokenizer_config.json': Buffer.from(JSON.stringify({ do_lower_case: true, model_max_length: 16 })),
    'model.safetensors': Buffer.from(encodeSafetensors(weights)),
  });
}

const labels: Partial<Record<ModelKind, string[]>> = {
  'sequence-classification': ['calm', 'windy', 'stormy'],
  'token-classification': ['O', 'B-X', 'I-X', 'B-Y', 'I-Y'],
};
const headModel = (kind: BertHeadShape['kind'], more: Record<string, unknown> = {}): LoadedBert => {
  const names = labels[kind] ?? [];
  const head = { kind, labels: names.length } as BertHeadShape;
  return modelOf({ ...huggingFaceHeadConfig(config, head, names), ...more });
};
const rawOf = async (model: LoadedBert, text: string, pair: string | null = null) => {
  const { ids, tokenTypeIds } = tokenizer.encodePair(text, pair);
  return rawResult.parse(await predictBert(model, { inputIds: [[...ids]], tokenTypeIds: [[...tokenTypeIds]] }));
};
const softmax = (logits: number[]) => {
  const weights = logits.map((x) => Math.exp(x));
  return weights.map((x) => x / weights.reduce((a, b) => a + b));
};
const text = 'The captain mends  his Boat at dawn.';
const all: [ModelKind, LoadedBert][] = [];
const modelFor = (kind: ModelKind) => all.find(([known]) => known === kind)?.[1] as LoadedBert;

beforeAll(() => {
  all.push(['pretraining', modelOf(huggingFaceConfig(config))]);
  for (const kind of ['sequence-classification', 'regression', 'token-classification', 'question-answering'] as const) {
    all.push([kind, headModel(kind)]);
  }
});

describe('classification', () => {
  it('gives every label with its softmax probability, best first, or the topK best', async () => {
    const model = modelFor('sequence-classification');
    const inputs = [text, { text, textPair: 'an old pilot' }, { text: 'wind' }];
    const { results } = classifyResult.parse(await predictBert(model, { inputs }));
    const { logits } = await rawOf(model, text, 'an old pilot');
    const scores = softmax((logits as number[][])[0]);
    expect(results[1].map(({ label }) => label)).toEqual(
      [0, 1, 2].sort((a, b) => scores[b] - scores[a]).map((i) => labels['sequence-classification']?.[i]),
    );
    for (const { label, score } of results[1]) {
      expect(score).toBeCloseTo(scores[(labels['sequence-classification'] as string[]).indexOf(label)], 5);
    }
    expect(results[0]).not.toEqual(results[2]);
    const few = classifyResult.parse(await predictBert(model, { inputs, topK: 2 }));
    expect(few.results).toEqual(results.map((labelled) => labelled.slice(0, 2)));
  });

  it('scores each label alone where a text may have several', async () => {
    const model = headModel('sequence-classification', { problem_type: 'multi_label_classification' });
    const { results } = classifyResult.parse(await predictBert(model, { inputs: [text] }));
    const { logits } = await rawOf(model, text);
    const scores = (logits as number[][])[0].map((x) => 1 / (1 + Math.exp(-x)));
    expect(results[0].map(({ score }) => score)).toEqual(scores.sort((a, b) => b - a).map((x) => expect.closeTo(x, 5)));
  });
});

describe('regression', () => {
  it('gives the number', async () => {
    const model = modelFor('regression');
    const { results } = regressResult.parse(await predictBert(model, { inputs: [text, 'wind'] }));
    const { logits } = await rawOf(model, 'wind');
    expect(results[1].value).toBeCloseTo((logits as number[][])[0][0], 5);
    expect(results[0].value).not.toBe(results[1].value);
  });
});

describe('tagging', () => {
  it('gives spans of the original text, also of one that is longer than the model', async () => {
    const model = modelFor('token-classification');
    const long = `${text} `.repeat(9);
    const { results } = tagResult.parse(await predictBert(model, { inputs: [long, text] }));
    expect(results).toHaveLength(2);
    expect(results[0].length).toBeGreaterThan(results[1].length);
    for (const span of results[0]) {
      expect(long.slice(span.start, span.end)).toBe(span.text);
      expect(['X', 'Y']).toContain(span.label);
      expect(span.score).toBeGreaterThanOrEqual(1 / 5);
    }
    expect(results[0].some(({ start }) => start > 200)).toBe(true);
  });
});

describe('question answering', () => {
  const context = `${text} A sailor watches the northern wind in winter. `.repeat(3);

  it('answers with a stretch of the context, from all of its windows', async () => {
    const model = modelFor('question-answering');
    const body = { question: 'who mends?', context, topK: 7 };
    const result = answerResult.parse(await predictBert(model, body));
    expect(result.alternatives).toHaveLength(7);
    expect(result.alternatives?.[0]).toEqual({
      answer: result.answer,
      start: result.start,
      end: result.end,
      score: result.score,
    });
    const scores = result.alternatives?.map(({ score }) => score) as number[];
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const { answer, start, end } of result.alternatives ?? []) {
      expect(context.slice(start as number, end as number)).toBe(answer);
    }
    const alone = answerResult.parse(await predictBert(model, { question: 'who mends?', context }));
    expect(alone.alternatives).toBeUndefined();
  });

  it('may have none, where the model was trained with such questions; and has none in an empty context', async () => {
    const model = headModel('question-answering', {
      task_specific_params: { 'question-answering': { unanswerable: true } },
    });
    const body = { question: 'who?', context: 'his boat', topK: 20 };
    const { alternatives } = answerResult.parse(await predictBert(model, body));
    expect(alternatives?.filter(({ answer }) => answer === null)).toHaveLength(1);
    const empty = await predictBert(modelFor('question-answering'), { question: 'who?', context: ' ' });
    expect(empty).toEqual({ answer: null, start: null, end: null, score: 1 });
  });
});

describe('attention', () => {
  const bodies: [ModelKind, Record<string, unknown>][] = [
    ['pretraining', { inputs: ['his [MASK] at'] }],
    ['pretraining', { pairs: [{ text: 'his boat', textPair: 'at' }] }],
    ['sequence-classification', { inputs: ['his boat at'] }],
    ['regression', { inputs: ['his boat at'] }],
    ['token-classification', { inputs: ['his boat at'] }],
    ['question-answering', { question: 'his?', context: 'at' }],
  ];

  it.each(bodies)('of a %s model: [layer][head][query][key] of its tokens', async (kind, body) => {
    const result = (await predictBert(modelFor(kind), { ...body, returnAttention: true })) as PredictResult & {
      attention: { self: number[][][][]; cross: null; tokens: string[] };
    };
    const { self, cross, tokens } = result.attention;
    expect(cross).toBeNull();
    expect([tokens[0], tokens.at(-1)]).toEqual(['[CLS]', '[SEP]']);
    expect(self).toHaveLength(3);
    for (const heads of self) {
      expect(heads).toHaveLength(3);
      for (const queries of heads) {
        expect(queries).toHaveLength(tokens.length);
        for (const keys of queries) expect(keys.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      }
    }
  });

  it('of a context in several windows is that of the window with the answer', async () => {
    const context = `${text} A sailor watches the northern wind in winter. `.repeat(3);
    const body = { question: 'who?', context, returnAttention: true };
    const result = answerResult.parse(await predictBert(modelFor('question-answering'), body));
    const pieces = tokenizer.encode(result.answer as string).tokens.join(' ');
    expect(result.attention?.tokens.join(' ')).toContain(pieces);
    expect(result.attention?.self?.[0][0]).toHaveLength(result.attention?.tokens.length ?? 0);
  });

  it('is for one input at a time', async () => {
    const ask = predictBert(modelFor('regression'), { inputs: ['a', 'b'], returnAttention: true });
    await expect(ask).rejects.toMatchObject({ code: 'invalid', errors: [{ path: 'returnAttention' }] });
  });
});

describe('a checkpoint without heads', () => {
  it('embeds as the whole model does, and says that it predicts nothing', async () => {
    const headless = modelOf({ ...huggingFaceConfig(config), architectures: ['BertModel'] }, /^bert\.pooler/);
    expect(modelKindOf({ model_type: 'bert' })).toBeNull();
    const { results } = embedResult.parse(await embed(headless, [text, 'wind']));
    const raw = rawResult.parse(
      await predictBert(modelFor('pretraining'), {
        inputIds: [[...tokenizer.encodePair(text, null).ids]],
        returnHiddenStates: true,
      }),
    );
    const last = (raw.hiddenStates as unknown as number[][][][])[3][0];
    results[0].tokens.forEach(({ vector, start, end, text: piece }, t) => {
      expect(vector).toEqual(last[t].map((x) => expect.closeTo(x, 4)));
      if (end > 0) expect(text.slice(start, end).toLowerCase()).toBe(piece.replace(/^##/, ''));
    });
    expect(results[0].pooled).toEqual(
      last[0].map((_, d) => expect.closeTo(last.reduce((sum, row) => sum + row[d], 0) / last.length, 4)),
    );
    expect(() => predictBert(headless, { inputs: [text] })).toThrow('without a head');
  });

  it('that has one of the pretraining heads answers with that one', async () => {
    const masked = modelOf({ ...huggingFaceConfig(config), architectures: ['BertForMaskedLM'] }, /seq_rel|pooler/);
    expect(fillMaskResult.parse(await predictBert(masked, { inputs: ['[MASK]'] })).results).toHaveLength(1);
    const asked = predictBert(masked, { pairs: [{ text, textPair: 'wind' }] });
    await expect(asked).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('next-sentence') });
    expect(Object.keys(await rawOf(masked, text))).toEqual(['predictionLogits']);
    expect(nextSentenceResult.safeParse(await rawOf(modelFor('pretraining'), text)).success).toBe(false);
  });

  it('that lacks a part of its encoder is refused', () => {
    expect(() => modelOf(huggingFaceConfig(config), /layer\.1\.output\.dense/)).toThrow('lack bert.encoder.layer.1');
  });
});

describe('ONNX files', () => {
  it.each([
    ['pretraining', { prediction_logits: 'predictionLogits', seq_relationship_logits: 'seqRelationshipLogits' }],
    ['sequence-classification', { logits: 'logits' }],
    ['regression', { logits: 'logits' }],
    ['token-classification', { logits: 'logits' }],
    ['question-answering', { start_logits: 'startLogits', end_logits: 'endLogits' }],
  ] as const)('of a %s model give what it gives, for any batch', async (kind, names) => {
    const model = modelFor(kind);
    const { 'model.onnx': bytes, ...others } = await exportBert(model);
    expect(others).toEqual({});
    const session = await ort.InferenceSession.create(bytes);
    const inputIds = [
      [2, 7, 8, 9, 3, 11, 3],
      [2, 9, 3, 10, 12, 14, 3],
      [2, 9, 3, 0, 0, 0, 0],
    ];
    const attentionMask = inputIds.map((ids) => ids.map((id) => (id === 0 ? 0 : 1)));
    const tokenTypeIds = inputIds.map((ids, i) => ids.map((_, t) => (i === 1 && t > 2 ? 1 : 0)));
    const expected = rawResult.parse(await predictBert(model, { inputIds, attentionMask, tokenTypeIds }));
    const tensor = (rows: number[][]) => new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [3, 7]);
    const results = await session.run({
      input_ids: tensor(inputIds),
      attention_mask: tensor(attentionMask),
      token_type_ids: tensor(tokenTypeIds),
    });
    await session.release();
    for (const [theirs, ours] of Object.entries(names)) {
      const values = [expected[ours as keyof typeof expected]].flat(4) as number[];
      expect(Array.from(results[theirs].data as Float32Array)).toEqual(values.map((x) => expect.closeTo(x, 3)));
    }
  });
});

import type { PredictBodyOf, PredictResult } from '@regatta/contracts';
import { encodeQuestion, encodeWords, type QuestionWindow, rankAnswers, taggedSpans, wordSpans } from '@regatta/text';
import { likeliest, sigmoid, softmax } from '../scores.js';
import { rowsOf, type Tensor } from '../tensor.js';
import { attentionOf, checkAttention, withAttention } from './attention.js';
import { encodeText } from './encode.js';
import type { BertInput, LoadedBert } from './loaded-bert.js';
import { raw } from './raw.js';

type Classify = Exclude<PredictBodyOf<'sequence-classification'>, { inputIds: unknown }>;
type TextOrPair = Classify['inputs'][number];

const logitsOf = (logits: Tensor | undefined): Float32Array => (logits as Tensor).data;

/** Every label with its probability, best first (of a multi-label model each label's own). */
export async function classify(
  model: LoadedBert,
  body: PredictBodyOf<'sequence-classification'>,
): Promise<PredictResult> {
  if ('inputIds' in body) return raw(model, body);
  const { inputs, topK, returnAttention } = body;
  const { labels, multiLabel } = model.description;
  const { outputs, attention } = await pooled(model, inputs, returnAttention);
  const results = outputs.map(({ logits }) => {
    const scores = (multiLabel ? sigmoid : softmax)(logitsOf(logits));
    return likeliest(scores, Math.min(topK ?? labels.length, labels.length)).map((i) => ({
      label: labels[i],
      score: scores[i],
    }));
  });
  return { results, ...attention };
}

export async function regress(model: LoadedBert, body: PredictBodyOf<'regression'>): Promise<PredictResult> {
  if ('inputIds' in body) return raw(model, body);
  const { outputs, attention } = await pooled(model, body.inputs, body.returnAttention);
  return { results: outputs.map(({ logits }) => ({ value: logitsOf(logits)[0] })), ...attention };
}

async function pooled(model: LoadedBert, inputs: readonly TextOrPair[], returnAttention: boolean) {
  const asked = withAttention(['logits'], returnAttention, inputs.length);
  const encoded = inputs.map((input, i) => {
    const { text, textPair = null } = typeof input === 'string' ? { text: input } : input;
    return encodeText(model, text, textPair, `inputs.${i}`);
  });
  const outputs = await model.run(encoded, asked);
  return { outputs, attention: attentionOf(outputs[0], encoded[0].tokens) };
}

/** Tagged spans of each text, in order; a text of any length: it is cut into windows between words. Attention is that in the first. */
export async function tag(model: LoadedBert, body: PredictBodyOf<'token-classification'>): Promise<PredictResult> {
  if ('inputIds' in body) return raw(model, body);
  const { tokenizer, description, maxLength } = model;
  const { labels } = description;
  const texts = body.inputs.map((text) => {
    const words = wordSpans(text, tokenizer);
    const windows = encodeWords(
      tokenizer,
      words.map((word) => word.text),
      maxLength,
    );
    return { text, words, windows };
  });
  checkAttention(body.returnAttention, texts.length);
  const windows = texts.flatMap((text) => text.windows);
  const outputs = await model.run(
    windows.map(({ ids }) => wholeInput(ids)),
    ['logits'],
  );
  let next = 0;
  const results = texts.map(({ text, words, windows: own }) => {
    const best = own.flatMap(({ positions }) => {
      const rows = rowsOf(outputs[next++].logits as Tensor);
      return Array.from(positions, (position) => {
        const scores = softmax(rows[position]);
        const [label] = likeliest(scores, 1);
        return { tag: labels[label], score: scores[label] };
      });
    });
    const [tags, scores] = [best.map((word) => word.tag), best.map((word) => word.score)];
    return taggedSpans(words, tags, scores, labels).map((span) => ({
      ...span,
      text: text.slice(span.start, span.end),
    }));
  });
  return { results, ...(body.returnAttention && (await attentionIn(model, windows[0]))) };
}

/**
 * The best answers inside the context, which may be of any length: it is read in overlapping windows. Attention is that in one which holds the
 * best answer.
 */
export async function answer(model: LoadedBert, body: PredictBodyOf<'question-answering'>): Promise<PredictResult> {
  if ('inputIds' in body) return raw(model, body);
  const { question, context, topK, returnAttention } = body;
  const { documentStride, maxAnswerLength, unanswerable } = model.description.answers;
  const { tokenizer, maxLength } = model;
  const windows = encodeQuestion(tokenizer, question, context, { maxLength, documentStride });
  const outputs = await model.run(
    windows.map(({ ids, tokenTypeIds }) => wholeInput(ids, tokenTypeIds)),
    ['startLogits', 'endLogits'],
  );
  const [starts, ends] = (['startLogits', 'endLogits'] as const).map((name) =>
    outputs.map((output) => logitsOf(output[name])),
  );
  const ranked = rankAnswers(windows, starts, ends, { context, maxAnswerLength, unanswerable });
  const none = { answer: null, start: null, end: null, score: 1 };
  const [best = none] = ranked;
  const holdsBest = ({ offsets }: QuestionWindow) =>
    best.start !== null && offsets[0][0] <= best.start && offsets[offsets.length - 1][1] >= (best.end as number);
  return {
    ...best,
    ...(topK > 1 && { alternatives: ranked.slice(0, topK) }),
    ...(returnAttention && (await attentionIn(model, windows.find(holdsBest) ?? windows[0]))),
  };
}

const wholeInput = (ids: Int32Array, tokenTypeIds: ArrayLike<number> = new Int32Array(ids.length)): BertInput => ({
  ids,
  tokenTypeIds,
  attentionMask: new Int32Array(ids.length).fill(1),
});

/** The attention maps of one window of a text. */
async function attentionIn(
  model: LoadedBert,
  { ids, tokenTypeIds }: { ids: Int32Array; tokenTypeIds?: ArrayLike<number> },
) {
  const [output] = await model.run([wholeInput(ids, tokenTypeIds)], ['attentions']);
  return attentionOf(
    output,
    Array.from(ids, (id) => model.tokenizer.vocab[id]),
  );
}

import { AppError, type PredictBodyOf, type PredictResult } from '@regatta/contracts';
import type { LoadedModel, ModelInput } from './loaded-model.js';

type PredictBody = PredictBodyOf<'pretraining'>;
type FillMask = Extract<PredictBody, { inputs: unknown }>;
type NextSentence = Extract<PredictBody, { pairs: unknown }>;
type Raw = Extract<PredictBody, { inputIds: unknown }>;

/**
 * Answers a prediction by what is asked: masks to fill, pairs of sentences, or token ids as they are.
 * @throws AppError `invalid`, naming the input, where the model cannot take it
 */
export function predict(model: LoadedModel, body: PredictBody): Promise<PredictResult> {
  if ('inputs' in body) return fillMask(model, body);
  if ('pairs' in body) return nextSentence(model, body);
  return raw(model, body);
}

/** For each text and each [MASK] in it: the `topK` likeliest tokens with their probabilities. */
async function fillMask(model: LoadedModel, { inputs, topK }: FillMask): Promise<PredictResult> {
  const { tokenizer, config } = model;
  const encoded = inputs.map((text, i) => encode(model, text, null, `inputs.${i}`));
  const masks = encoded.map(({ ids }, i) => {
    const positions = Array.from(ids.keys()).filter((t) => ids[t] === tokenizer.maskId);
    if (positions.length === 0) {
      throw invalid(
        `inputs.${i}`,
        `The text has no [MASK]: "${inputs[i].slice(0, 60)}".`,
        'Put [MASK] where a word is to be guessed.',
      );
    }
    return positions;
  });
  const outputs = await model.run(encoded);
  const results = outputs.map(({ predictionLogits }, i) =>
    masks[i].map((t) => {
      const scores = softmax(predictionLogits.subarray(t * config.vocabSize, (t + 1) * config.vocabSize));
      return likeliest(scores, topK).map((id) => ({ token: tokenizer.vocab[id], score: scores[id] }));
    }),
  );
  return { results };
}

/** The probability that the second text follows the first (label 0). */
async function nextSentence(model: LoadedModel, { pairs }: NextSentence): Promise<PredictResult> {
  const outputs = await model.run(pairs.map(({ text, textPair }, i) => encode(model, text, textPair, `pairs.${i}`)));
  return { results: outputs.map(({ seqRelationshipLogits }) => ({ isNext: softmax(seqRelationshipLogits)[0] })) };
}

/** Logits, and hidden states where asked for, of token ids. */
async function raw(model: LoadedModel, body: Raw): Promise<PredictResult> {
  const outputs = await model.run(body.inputIds.map((_, i) => rawInput(model, body, i)));
  const { vocabSize, hiddenSize } = model.config;
  return {
    predictionLogits: outputs.map(({ predictionLogits }) => rowsOf(predictionLogits, vocabSize)),
    seqRelationshipLogits: outputs.map(({ seqRelationshipLogits }) => Array.from(seqRelationshipLogits)),
    ...(body.returnHiddenStates && {
      // [layer][input][token][number]
      hiddenStates: outputs[0].hiddenStates.map((_, layer) =>
        outputs.map(({ hiddenStates }) => rowsOf(hiddenStates[layer], hiddenSize)),
      ),
    }),
  };
}

function rawInput(model: LoadedModel, body: Raw, i: number): ModelInput {
  const { vocabSize, typeVocabSize } = model.config;
  const ids = body.inputIds[i];
  checkLength(model, ids.length, `inputIds.${i}`);
  const row = (name: 'inputIds' | 'tokenTypeIds' | 'attentionMask', limit: number, otherwise: number): number[] => {
    const given = body[name];
    const values = given === undefined ? new Array<number>(ids.length).fill(otherwise) : given[i];
    const path = `${name}.${i}`;
    if (given !== undefined && given.length !== body.inputIds.length) {
      throw invalid(name, `${name} has ${given.length} rows, inputIds ${body.inputIds.length}.`, 'Give as many.');
    }
    if (values.length !== ids.length) {
      throw invalid(path, `${path} has ${values.length} numbers, inputIds.${i} ${ids.length}.`, 'Give as many.');
    }
    const wrong = values.find((value) => value >= limit);
    if (wrong !== undefined) {
      throw invalid(
        path,
        `${path} holds ${wrong}; the model knows 0 to ${limit - 1}.`,
        "Use ids of the model's own tokenizer.",
      );
    }
    return values;
  };
  const attentionMask = row('attentionMask', 2, 1);
  if (!attentionMask.includes(1)) {
    throw invalid(`attentionMask.${i}`, `attentionMask.${i} hides every token.`, 'Leave at least one to attend to.');
  }
  return {
    ids: row('inputIds', vocabSize, 0),
    tokenTypeIds: row('tokenTypeIds', typeVocabSize, 0),
    attentionMask,
  };
}

function encode(
  model: LoadedModel,
  text: string,
  textPair: string | null,
  path: string,
): ModelInput & { ids: Int32Array } {
  const { ids, tokenTypeIds } = model.tokenizer.encodePair(text, textPair);
  checkLength(model, ids.length, path);
  return { ids, tokenTypeIds, attentionMask: new Int32Array(ids.length).fill(1) };
}

function checkLength({ config }: LoadedModel, tokens: number, path: string): void {
  const most = config.maxPositionEmbeddings;
  if (tokens > most) throw invalid(path, `${path} has ${tokens} tokens; the model takes ${most}.`, 'Shorten the text.');
}

const invalid = (path: string, message: string, next: string): AppError =>
  new AppError('invalid', message, { next, errors: [{ path, message: `${message} ${next}` }] });

function softmax(logits: Float32Array): Float64Array {
  const greatest = logits.reduce((a, b) => Math.max(a, b));
  const exponentials = Float64Array.from(logits, (x) => Math.exp(x - greatest));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((x) => x / sum);
}

/** Indices of the greatest `count` scores, greatest first; of equals the lower index. */
function likeliest(scores: Float64Array, count: number): number[] {
  return Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, count);
}

const rowsOf = (flat: Float32Array, width: number): number[][] =>
  Array.from({ length: flat.length / width }, (_, i) => Array.from(flat.subarray(i * width, (i + 1) * width)));

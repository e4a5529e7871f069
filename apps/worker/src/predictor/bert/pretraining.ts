import type { PredictBodyOf, PredictResult } from '@regatta/contracts';
import { AppError } from '@regatta/contracts';
import { invalid } from '../errors.js';
import { likeliest, softmax } from '../scores.js';
import { attentionOf, withAttention } from './attention.js';
import { encodeText } from './encode.js';
import type { LoadedBert } from './loaded-bert.js';
import { raw } from './raw.js';

type Body = PredictBodyOf<'pretraining'>;
type FillMask = Extract<Body, { inputs: unknown }>;
type NextSentence = Extract<Body, { pairs: unknown }>;

/** A model with the pretraining heads: masks to fill, pairs of sentences, or token ids as they are. */
export function predictPretraining(model: LoadedBert, body: Body): Promise<PredictResult> {
  if ('inputs' in body) return fillMask(model, body);
  if ('pairs' in body) return nextSentence(model, body);
  return raw(model, body);
}

/** For each text and each [MASK] in it: the `topK` likeliest tokens with their probabilities. */
async function fillMask(model: LoadedBert, { inputs, topK, returnAttention }: FillMask): Promise<PredictResult> {
  needs(model, 'cls.predictions.transform.dense.weight', 'no masked-language-model head');
  const { tokenizer } = model;
  const encoded = inputs.map((text, i) => encodeText(model, text, null, `inputs.${i}`));
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
  const outputs = withAttention([], returnAttention, inputs.length);
  const logits = await model.runMasked(encoded, masks);
  const results = logits.map((rows) =>
    rows.map((row) => {
      const scores = softmax(row);
      return likeliest(scores, topK).map((id) => ({ token: tokenizer.vocab[id], score: scores[id] }));
    }),
  );
  if (outputs.length === 0) return { results };
  const [output] = await model.run(encoded, outputs);
  return { results, ...attentionOf(output, encoded[0].tokens) };
}

/** The probability that the second text follows the first (label 0). */
async function nextSentence(model: LoadedBert, { pairs, returnAttention }: NextSentence): Promise<PredictResult> {
  needs(model, 'cls.seq_relationship.weight', 'no next-sentence head');
  needs(model, 'bert.pooler.dense.weight', 'no pooler');
  const asked = withAttention(['seqRelationshipLogits'], returnAttention, pairs.length);
  const encoded = pairs.map(({ text, textPair }, i) => encodeText(model, text, textPair, `pairs.${i}`));
  const outputs = await model.run(encoded, asked);
  const results = outputs.map((output) => ({ isNext: softmax(output.seqRelationshipLogits?.data ?? [])[0] }));
  return { results, ...attentionOf(outputs[0], encoded[0].tokens) };
}

/** Weights that an imported checkpoint may lack are zeros here: nothing is said with them. */
function needs(model: LoadedBert, parameter: string, lack: string): void {
  if (!model.has(parameter)) {
    throw new AppError('invalid', `The imported model has ${lack}.`, {
      next: 'Ask for something else, or fine-tune it.',
    });
  }
}

import { deserialize, serialize } from 'node:v8';
import { AppError, type ConfigOf, type RunSpec, type TranslationExample } from '@regatta/contracts';
import { RandomStream } from '@regatta/random';
import type { ArtifactStore } from '@regatta/storage';
import { groupKey, loadTokenizer, readExamples, splitExamples, trainTokenizer } from '@regatta/text';
import { translationBaseline } from '../../baselines/index.js';
import { configOf, datasetOf } from '../../task.js';
import { encodeSentences, pairLengths, type SentencePairs, selectPairs } from '../../translator/pairs.js';
import { tokenizationOf } from '../../translator/quality.js';
import type { Tokenizers } from '../../translator/translator.js';

type Config = ConfigOf<'translate'>;

/** Held-out pairs that the losses are measured on at most, and those of them that are translated: enough for two digits, and cheap. */
const mostScored = 1024;
const mostTranslated = 200;

/** Held-out pairs; the first `translated` of them are what quality is measured on. */
export interface HeldOutPairs {
  pairs: SentencePairs;
  texts: { source: string; target: string }[];
  translated: number;
}

/** A data set of pairs as token ids, with tokenizers that were trained on its training split alone. */
export interface TranslationData {
  tokenizers: Tokenizers;
  train: SentencePairs;
  /** null where nothing could be held out. */
  heldOut: HeldOutPairs | null;
  /** What can be had without a network, by the names of the metrics. */
  baselines: Record<string, number>;
  /** Pairs that are longer than maxLength. */
  leftOut: { train: number; heldOut: number };
}

type Stored = Omit<TranslationData, 'tokenizers'> & { tokenizers: { source: string; target: string } };

/**
 * Reads the run's pairs, holds some out, trains both tokenizers and encodes. The result is kept in the artifact store under all that it
 * depends on, so a restarted rank, or a run on the same data, reads it back in milliseconds.
 * @throws AppError `invalid-file` where no pair is left to train on
 */
export async function translationData(spec: RunSpec, store: ArtifactStore): Promise<TranslationData> {
  const config = configOf(spec, 'translate');
  const { sha256 } = datasetOf(spec);
  const { maxLength, validationFraction } = config.training;
  // the serialisation is V8's own, whose version is therefore part of the name
  const key = JSON.stringify([
    'translation-data 1',
    process.versions.v8,
    sha256,
    config.tokenizer,
    validationFraction,
    maxLength,
    config.seed,
  ]);
  const bytes = await store.derived(key, async () => serialize(make(await store.getBlob(sha256), config)));
  const { tokenizers, ...rest } = deserialize(bytes) as Stored;
  return {
    ...rest,
    tokenizers: { source: loadTokenizer(tokenizers.source), target: loadTokenizer(tokenizers.target) },
  };
}

function make(bytes: Uint8Array, config: Config): Stored {
  const { seed, training, tokenizer } = config;
  const examples = readExamples('translation', bytes);
  const keyOf = (example: TranslationExample) => groupKey('translation', example);
  const split = splitExamples(examples, { validationFraction: training.validationFraction, seed, keyOf });
  const trainTexts = Array.from(split.train, (i) => examples[i]);
  if (trainTexts.length === 0) {
    throw new AppError('invalid-file', 'The data set has no pair to train on.', {
      next: 'Upload at least two pairs of sentences.',
    });
  }
  const tokenizers = {
    source: trainTokenizer(
      trainTexts.map(({ source }) => source),
      tokenizer,
    ),
    target: trainTokenizer(
      trainTexts.map(({ target }) => target),
      tokenizer,
    ),
  };
  const fitting = fittingPairs(trainTexts, tokenizers, training.maxLength);
  if (fitting.chosen.length === 0) {
    throw new AppError('invalid-file', `Every training pair is longer than maxLength, ${training.maxLength} tokens.`, {
      next: 'Give a larger training.maxLength, or shorter sentences.',
    });
  }
  const heldOutTexts = Array.from(split.validation, (i) => examples[i]);
  const held = fittingPairs(heldOutTexts, tokenizers, training.maxLength);
  const heldOut = chooseHeldOut(heldOutTexts, held, seed);
  return {
    tokenizers: { source: tokenizers.source.toJson(), target: tokenizers.target.toJson() },
    train: selectPairs(fitting.pairs, fitting.chosen),
    heldOut,
    baselines: heldOut === null ? {} : baselines(trainTexts, heldOut, tokenizers),
    leftOut: {
      train: trainTexts.length - fitting.chosen.length,
      heldOut: heldOutTexts.length - held.chosen.length,
    },
  };
}

function fittingPairs(texts: readonly TranslationExample[], { source, target }: Tokenizers, maxLength: number) {
  const pairs = {
    source: encodeSentences(
      texts.map((one) => one.source),
      source,
    ),
    target: encodeSentences(
      texts.map((one) => one.target),
      target,
    ),
  };
  const lengths = pairLengths(pairs);
  return { pairs, chosen: texts.map((_, i) => i).filter((i) => lengths[i] <= maxLength) };
}

/** Draws the pairs that evaluations use by the seed, whatever their order in the data. */
function chooseHeldOut(
  texts: readonly TranslationExample[],
  { pairs, chosen }: { pairs: SentencePairs; chosen: number[] },
  seed: number,
): HeldOutPairs | null {
  if (chosen.length === 0) return null;
  const order = new RandomStream({ seed, site: 'translate.held-out' }).permutation(chosen.length);
  const drawn = Array.from(order.subarray(0, mostScored), (i) => chosen[i]);
  return {
    pairs: selectPairs(pairs, drawn),
    texts: drawn.map((i) => ({ source: texts[i].source, target: texts[i].target })),
    translated: Math.min(drawn.length, mostTranslated),
  };
}

/** The loss on all held-out pairs, the quality on those that are translated, as the model's. */
function baselines(
  train: readonly TranslationExample[],
  { texts, translated }: HeldOutPairs,
  { target }: Tokenizers,
): Record<string, number> {
  const options = {
    tokenization: tokenizationOf(texts.slice(0, translated).map((one) => one.target)),
    targetIds: (text: string) => [...target.encode(text), target.eosId],
    vocabSize: target.vocab.length,
  };
  const { loss, perplexity } = translationBaseline(train, texts, options);
  return { ...translationBaseline(train, texts.slice(0, translated), options), loss, perplexity };
}

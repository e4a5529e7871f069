import { AppError, type EvaluateResult } from '@regatta/contracts';
import type { Engine, ParameterSpace } from '@regatta/engine';
import { type BertConfig, bertPretraining } from '@regatta/models';
import { encodeCorpus, maskedCount, parseTextDocuments, type WordPieceTokenizer } from '@regatta/text';
import type { Sums } from '../task.js';
import { heldOut } from './bert-evaluation.js';
import { bertMetrics, bertSums } from './bert-metrics.js';

/** A BERT with the pretraining heads, and whoever runs it. */
export interface PretrainingModel {
  engine: Engine;
  space: ParameterSpace;
  config: BertConfig;
  tokenizer: WordPieceTokenizer;
  /** Tokens of an example. */
  maxLength: number;
  /** Whether it has the next-sentence head. */
  nextSentence: boolean;
}

/** As BERT was trained; examples and masks are always drawn alike, so that models can be compared. */
const pretraining = { maskProbability: 0.15, wholeWord: false };
const batch = 8;

/**
 * Losses (nats) and accuracies of a model on up to about 1,024 examples of any text.
 *
 * @throws AppError `invalid` where the text gives no example
 */
export async function evaluatePretraining(model: PretrainingModel, text: string): Promise<EvaluateResult> {
  const { engine, space, config, tokenizer, maxLength, nextSentence } = model;
  const documents = parseTextDocuments(text);
  const all = Int32Array.from(documents.keys());
  const held = heldOut(
    {
      seed: 1,
      training: { maxLength, globalBatchSize: batch, microBatchSize: batch },
      pretraining: { ...pretraining, nextSentence },
      distributed: { logicalShards: 1 },
    },
    { corpus: encodeCorpus(documents, tokenizer), tokenizer, train: all, validation: all },
    [maxLength],
  );
  if (held === null) {
    throw new AppError('invalid', 'The text gives not a single example.', {
      next: 'Choose text with documents of several sentences.',
    });
  }
  const slots = maskedCount(maxLength - (nextSentence ? 3 : 2), pretraining.maskProbability);
  const { inputs, model: graph, place } = bertPretraining(config, { batch, length: maxLength, slots });
  const program = await engine.compileForward({
    key: `bert-pretraining ${batch}x${maxLength} evaluation`,
    model: (p, x) => graph(p, x, () => undefined).sums,
    inputs,
    space,
  });
  const total: Sums = Object.fromEntries(bertSums.map((name) => [name, 0]));
  try {
    for (const { batch: examples } of held.batches.flat()) {
      place(examples, program.inputs, { mlm: 0, nsp: 0 });
      const sums = await program.run();
      for (const name of bertSums) total[name] += sums[name].data[0];
    }
  } finally {
    await program.dispose();
  }
  return { metrics: bertMetrics(total, held.counts, nextSentence), examples: held.counts.examples, samples: [] };
}

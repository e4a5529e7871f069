import { AppError, type DatasetKind, type EvaluateResult, type ModelKind, type SampleKind } from '@regatta/contracts';
import type { Example } from '@regatta/text';
import type { HeadContext, RowLogits } from './head.js';
import { headFor } from './heads.js';

/** One row of a model's input; token types absent: 0. */
export interface ModelRow {
  ids: ArrayLike<number>;
  tokenTypeIds: ArrayLike<number>;
}

/** A fine-tuned BERT that can be asked: whoever holds its graphs gives `logits`. */
export interface FinetunedModel {
  kind: ModelKind;
  context: HeadContext;
  /** For rows of at most `context.maxLength` tokens, in order. */
  logits(rows: readonly ModelRow[]): Promise<RowLogits[]>;
}

/** Examples that are encoded and asked together. */
const together = 64;

/**
 * Metrics (named as a run's, without `validation.`) and tables of a model on any examples of a kind that it was trained for.
 * Labels that the model does not know are never right and count in no loss.
 * @throws AppError `invalid` for a kind of another head, or without examples
 */
export async function evaluateFinetuned(
  model: FinetunedModel,
  datasetKind: DatasetKind,
  examples: readonly Example[],
): Promise<EvaluateResult> {
  const { kind, head } = headFor(datasetKind);
  if (kind !== model.kind) {
    throw new AppError(
      'invalid',
      `A model for ${model.kind} cannot be evaluated on a dataset of kind ${datasetKind}.`,
      {
        next: 'Choose a dataset of the kind that the model was trained on.',
      },
    );
  }
  if (examples.length === 0) {
    throw new AppError('invalid', 'There is no example to evaluate on.', { next: 'Choose another split or dataset.' });
  }
  const predictions: unknown[] = [];
  let loss = 0;
  let counted = 0;
  for (let first = 0; first < examples.length; first += together) {
    const encoded = examples.slice(first, first + together).map((example) => head.encode(example, model.context));
    const rows = encoded.flatMap((one) => one.rows);
    const logits = await model.logits(
      rows.map(({ ids, tokenTypeIds = new Uint8Array(ids.length) }) => ({ ids, tokenTypeIds })),
    );
    let row = 0;
    for (const one of encoded) {
      const judged = one.judge(logits.slice(row, row + one.rows.length));
      row += one.rows.length;
      predictions.push(judged.prediction);
      loss += judged.loss;
      counted += judged.counted;
    }
  }
  const { metrics, samples } = head.report(examples, predictions, model.context);
  return {
    metrics: { ...(counted > 0 && { loss: loss / counted }), ...metrics },
    examples: examples.length,
    samples: Object.entries(samples).map(([name, data]) => ({ kind: name as SampleKind, data })),
  };
}

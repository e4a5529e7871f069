import type { DatasetKind, EvaluateResult, ModelKind } from '@regatta/contracts';
import type { Engine } from '@regatta/engine';
import { type Example, readExamples } from '@regatta/text';
import { evaluateFinetuned, evaluatePretraining, type RowLogits } from '@regatta/training';
import { invalid } from '../errors.js';
import { inSplit, type MeasuredData } from '../measured-data.js';
import type { BertOutput, LoadedBert } from './loaded-bert.js';

/**
 * Measures a model on a data set of the kind that it was trained for.
 *
 * @throws AppError `invalid` for another kind of data
 */
export async function evaluateBert(engine: Engine, model: LoadedBert, data: MeasuredData): Promise<EvaluateResult> {
  const { tokenizer, maxLength, description, space } = model;
  const { kind, config, labels, answers } = description;
  if (kind === 'pretraining' && data.kind === 'text') {
    const nextSentence = model.has('cls.seq_relationship.weight');
    const asked = { engine, space, config, tokenizer, maxLength, nextSentence };
    return evaluatePretraining(asked, data.bytes.toString('utf8'));
  }
  if (kind === null || kind === 'pretraining' || data.kind === 'text') throw wrongKind(kind, data.kind);
  const outputs = model.headOutputs();
  const answering: Parameters<typeof evaluateFinetuned>[0] = {
    kind,
    context: { tokenizer, maxLength, labels, answers },
    async logits(rows) {
      const attended = rows.map((row) => ({ ...row, attentionMask: new Uint8Array(row.ids.length).fill(1) }));
      const results = await model.run(attended, outputs);
      return results.map((result: BertOutput): RowLogits => outputs.map((name) => result[name]?.data as Float32Array));
    },
  };
  const examples: Example[] = inSplit(readExamples(data.kind, data.bytes), data.split);
  return evaluateFinetuned(answering, data.kind, examples);
}

const wrongKind = (kind: ModelKind | null, data: DatasetKind) =>
  invalid(
    'dataset',
    `A model for ${kind ?? 'vectors'} cannot be measured on a data set of the kind ${data}.`,
    'Choose another one.',
  );

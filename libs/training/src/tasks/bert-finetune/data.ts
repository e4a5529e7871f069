import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { AppError, type BertFinetuneConfig, type RunSpec } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import {
  drawnSample,
  type EncodedRows,
  type Example,
  encodedRows,
  groupKey,
  readExamples,
  splitExamples,
  trainWordPiece,
  WordPieceTokenizer,
} from '@regatta/text';
import { configOf, datasetOf } from '../../task.js';
import type { Base } from './base.js';
import type { EncodedExample, HeadContext } from './head.js';
import { type HeadOfKind, headFor, type LabelledKind } from './heads.js';

/** Held-out examples that an evaluation reads at most. */
const mostHeldOut = 2000;
/** Labels that a column of labels has at most; more is another column. */
const mostLabels = 1000;

/** A labelled dataset, ready for training. */
export interface FinetuningData extends HeadOfKind {
  datasetKind: LabelledKind;
  context: HeadContext;
  train: Example[];
  /** Rows of the training examples, in their order. */
  rows: EncodedRows;
  heldOut: HeldOutExample[];
  /** Of vocabulary, labels and everything else that the plan does not hold. */
  hash: string;
}

/** A held-out example, encoded. */
export interface HeldOutExample {
  example: Example;
  encoded: EncodedExample<unknown>;
}

/**
 * Reads the run's dataset, holds examples out, takes the base's tokenizer or trains one on the training examples alone, and encodes.
 * @throws AppError `invalid` where head, dataset and configuration do not fit, `invalid-file` where there is nothing to learn
 */
export async function finetuningData(spec: RunSpec, store: ArtifactStore, base: Base | null): Promise<FinetuningData> {
  const config = configOf(spec, 'bert-finetune');
  const dataset = datasetOf(spec);
  const found = headFor(dataset.kind);
  const { head, datasetKind } = found;
  if (config.model.head !== undefined && config.model.head !== found.name) {
    throw new AppError('invalid', `A dataset of kind ${dataset.kind} cannot train a head for ${config.model.head}.`, {
      next: `Leave model.head out, or set it to ${found.name}.`,
    });
  }
  checkWatched(config, head.metrics);
  const examples: Example[] = readExamples(datasetKind, await store.getBlob(dataset.sha256));
  const { seed } = config;
  const { validationFraction, maxLength } = config.training;
  const keyOf = (example: Example) => groupKey(datasetKind, example as never);
  const split = splitExamples(examples, { validationFraction, seed, keyOf });
  const train = Array.from(split.train, (i) => examples[i]);
  if (train.length === 0) {
    throw new AppError('invalid-file', 'The dataset has no example to train on.', {
      next: 'Upload data with at least two different examples.',
    });
  }
  const labels = head.labelsOf(examples);
  checkLabels(datasetKind, labels, head.labelsOf(train));
  const texts = () => train.flatMap((example) => head.textsOf(example));
  const tokenizer = base?.tokenizer ?? (await trainedTokenizer(config, dataset.sha256, store, texts));
  const context: HeadContext = {
    tokenizer,
    maxLength: Math.min(maxLength, base?.config.maxPositionEmbeddings ?? maxLength),
    labels,
    answers: {
      documentStride: config.finetuning.documentStride,
      maxAnswerLength: config.finetuning.maxAnswerLength,
      unanswerable: train.some((example) => 'answers' in example && example.answers.length === 0),
    },
  };
  const hash = createHash('sha256').update(tokenizer.vocabTxt()).update(JSON.stringify(labels)).digest('hex');
  // kept in the artifact store, so that a restarted rank reads it back; the serialisation is V8's own, whose version is in the name
  const key = ['finetuning-rows 1', process.versions.v8, dataset.sha256, dataset.kind, seed, validationFraction, hash];
  const { lowercase } = tokenizer;
  const bytes = await store.derived(
    JSON.stringify([...key, lowercase, context.maxLength, context.answers]),
    async () => {
      const rows = train.flatMap((example) => head.encode(example, context).rows);
      return serialize(encodedRows(rows, head.layout, { real: found.kind === 'regression' }));
    },
  );
  return {
    ...found,
    context,
    train,
    rows: deserialize(bytes) as EncodedRows,
    heldOut: Array.from(drawnSample(split.validation, mostHeldOut, seed), (i) => ({
      example: examples[i],
      encoded: head.encode(examples[i], context),
    })),
    hash,
  };
}

/** Early stopping watches a metric that the head reports. */
function checkWatched({ training }: BertFinetuneConfig, metrics: readonly string[]): void {
  const watched = training.earlyStopping?.metric;
  const known = ['loss', ...metrics].map((name) => `validation.${name}`);
  if (watched === undefined || known.includes(watched)) return;
  throw new AppError('invalid', `Early stopping cannot watch ${watched}: this task does not report it.`, {
    next: `Watch one of ${known.join(', ')}.`,
  });
}

function checkLabels(kind: LabelledKind, labels: readonly string[], learnt: readonly string[]): void {
  if (kind === 'regression' || kind === 'question-answering') return;
  if (learnt.length < 2) {
    throw new AppError('invalid-file', `All training examples have the label ${JSON.stringify(learnt[0])}.`, {
      next: 'Upload data with at least two different labels.',
    });
  }
  if (labels.length > mostLabels) {
    throw new AppError(
      'invalid-file',
      `The dataset has ${labels.length} different labels; at most ${mostLabels} fit.`,
      {
        next: 'Check which column was taken for the label; for numbers upload it as a regression.',
      },
    );
  }
}

/** The tokenizer of a model from scratch, kept in the artifact store: a restarted rank reads it back. */
async function trainedTokenizer(
  { tokenizer, training, seed }: BertFinetuneConfig,
  sha256: string,
  store: ArtifactStore,
  texts: () => string[],
): Promise<WordPieceTokenizer> {
  const { vocabSize, lowercase } = tokenizer;
  const key = JSON.stringify(['finetuning-vocabulary 1', sha256, tokenizer, training.validationFraction, seed]);
  const make = async () => Buffer.from(trainWordPiece(texts(), { vocabSize, lowercase }).vocabTxt());
  const vocab = await store.derived(key, make);
  return WordPieceTokenizer.fromVocabTxt(vocab.toString(), { lowercase });
}

import { deserialize, serialize } from 'node:v8';
import { AppError, type ConfigOf, type RunSpec } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import {
  type EncodedCorpus,
  encodeCorpus,
  parseTextDocuments,
  splitDocuments,
  trainWordPiece,
  WordPieceTokenizer,
} from '@regatta/text';
import { configOf, datasetOf } from '../task.js';

/** A text data set as token ids, with the tokenizer that was trained on its training documents alone. */
export interface PretrainingData {
  tokenizer: WordPieceTokenizer;
  corpus: EncodedCorpus;
  /** Document numbers. */
  train: Int32Array;
  validation: Int32Array;
}

type Stored = Omit<PretrainingData, 'tokenizer'> & { vocab: string };

/**
 * Reads the run's data set, holds documents out, trains the tokenizer and encodes the text. The result is kept in the artifact store
 * under all that it depends on, so a restarted rank, or a run on the same text, reads it back in milliseconds.
 */
export async function pretrainingData(spec: RunSpec, store: ArtifactStore): Promise<PretrainingData> {
  const config = configOf(spec, 'bert-pretrain');
  const dataset = datasetOf(spec);
  const { lowercase } = config.tokenizer;
  // the serialisation is V8's own, whose version is therefore part of the name
  const key = JSON.stringify([
    'pretraining-data 1',
    process.versions.v8,
    dataset.sha256,
    config.tokenizer,
    config.training.validationFraction,
    config.seed,
  ]);
  const bytes = await store.derived(key, async () => serialize(encode(await store.getBlob(dataset.sha256), config)));
  const { vocab, ...rest } = deserialize(bytes) as Stored;
  return { ...rest, tokenizer: WordPieceTokenizer.fromVocabTxt(vocab, { lowercase }) };
}

function encode(text: Buffer, config: ConfigOf<'bert-pretrain'>): Stored {
  const documents = parseTextDocuments(text.toString('utf8'));
  const { train, validation } = splitDocuments(documents, config.training.validationFraction, config.seed);
  if (train.length === 0) {
    throw new AppError('invalid-file', 'The data set has no document to train on.', {
      next: 'Upload text with at least two documents, divided by a blank line.',
    });
  }
  const sentences = Array.from(train).flatMap((document) => documents[document]);
  const { vocabSize, lowercase } = config.tokenizer;
  const tokenizer = trainWordPiece(sentences, { vocabSize, lowercase });
  return { vocab: tokenizer.vocabTxt(), corpus: encodeCorpus(documents, tokenizer), train, validation };
}

export { type BatchOptions, batchOf, type PretrainingBatch, type StepCounts, stepCounts } from './batch.js';
export { brownDocument, isBrownText } from './brown.js';
export { documentRange, type EncodedCorpus, encodeCorpus, unigramCounts, unigramEntropy } from './corpus.js';
export * from './datasets/index.js';
export { toUtf8, type Utf8Text } from './decode-text.js';
export {
  parseTextDocuments,
  readTextDocuments,
  type TextDocument,
  type TextWarning,
  writeTextDocuments,
} from './documents.js';
export * from './encode/index.js';
export { type EpochPlan, type EpochPlanOptions, epochPlan, type PlannedStep } from './epoch-plan.js';
export { Masker, type MaskingOptions, type MaskPlace, maskedCount } from './masking.js';
export { type PretrainingExamples, type PretrainingOptions, pretrainingExamples } from './pretraining-examples.js';
export { type DocumentSplit, splitDocuments } from './split.js';
export {
  loadTokenizer,
  type TextTokenizer,
  type TokenizerOptions,
  type TokenizerType,
  trainTokenizer,
} from './tokenizers/index.js';
export { trainWordPiece, type WordPieceTrainingOptions } from './train-wordpiece.js';
export { type Encoding, type PairEncoding, specialTokens, WordPieceTokenizer } from './wordpiece.js';

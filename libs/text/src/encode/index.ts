export { type AnswerOptions, type RankedAnswer, rankAnswers } from './answer.js';
export { lengthBuckets } from './buckets.js';
export { answerTokens, encodeQuestion, type QuestionOptions, type QuestionWindow } from './question.js';
export {
  type EncodedRows,
  encodedRows,
  type LabelLayout,
  type Row,
  type RowsBatch,
  type RowsBatchOptions,
  rowsBatch,
} from './rows.js';
export { drawnSample } from './sample.js';
export { encodeWords, type TaggedSpan, taggedSpans, type WordSpan, type WordsWindow, wordSpans } from './words.js';

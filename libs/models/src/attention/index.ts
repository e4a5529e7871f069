export { lengthMask, maskedSoftmax } from './masked-softmax.js';
export {
  type Attended,
  type AttentionOptions,
  additiveAttention,
  additiveScores,
  pool,
  scaledDotProductAttention,
  scaledDotProductScores,
} from './scoring.js';

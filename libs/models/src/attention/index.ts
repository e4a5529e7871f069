export {
  type LayerKind,
  type LayerSizes,
  layerForward,
  layerKinds,
  layerParameters,
  outputAt,
} from './layer-kinds.js';
export { lengthMask, maskedSoftmax } from './masked-softmax.js';
export { causalAttentionMask, type Dense, type Heads, multiHeadAttention } from './multi-head.js';
export { averagePooling, kernelFit, leaveOneOut, nadarayaWatson } from './pooling.js';
export {
  type Attended,
  type AttentionOptions,
  additiveAttention,
  additiveScores,
  attentionPooling,
  scaledDotProductAttention,
  scaledDotProductScores,
} from './scoring.js';

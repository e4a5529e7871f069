export type { ParameterSpec } from '../memory/layout.js';
export type { ForwardFunction, InputSpec, Keep, ModelFunction } from '../types.js';
export { type AttentionShape, attention, attentionProbabilities } from './attention.js';
export { type ClassifierSums, decoderCrossEntropy } from './cross-entropy.js';
export { gelu, layerNorm, linear } from './dense.js';
export { byteRate, dropout } from './dropout.js';
export { gruCell, stepLinear } from './recurrent.js';
export { relu } from './relu.js';
export { embedding, gatherRows } from './rows.js';

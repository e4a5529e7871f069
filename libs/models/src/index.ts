export { bertForward, type ForwardShape } from './bert/forward.js';
export type { PretrainingBatch, Scales } from './bert/place.js';
export { type BertPretraining, bertPretraining } from './bert/pretraining.js';
export { chunksOf, type PretrainingShape } from './bert/shape.js';
export * from './shapes/index.js';
export type { Stage, TranslationBatch, TranslationModel, TranslationShape, Vocabularies } from './translation.js';

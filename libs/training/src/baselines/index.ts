/**
 * What can be had without a network, on the same split: stored as `validation.baseline.*` beside the metrics, by the same names and in
 * the same units (metrics/index.ts). Functions of the training examples and the held-out ones.
 */
export { classificationBaseline } from './classification.js';
export { NearestLine } from './nearest-line.js';
export { questionAnsweringBaseline } from './question-answering.js';
export { regressionBaseline } from './regression.js';
export { taggingBaseline } from './tagging.js';
export { translationBaseline } from './translation.js';

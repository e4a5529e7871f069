export type { TransformerConfig } from './config.js';
export { transformerForward } from './forward.js';
export { transformerModel } from './model.js';
export { transformerParameters } from './parameters.js';
export { sinusoidalPositions } from './positions.js';

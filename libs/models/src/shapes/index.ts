export {
  type BertConfig,
  bertParameters,
  bertPretrainingParameters,
  countParameters,
  huggingFaceConfig,
  type ParameterShape,
} from './bert.js';

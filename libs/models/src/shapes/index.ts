export {
  type BertConfig,
  bertParameters,
  bertPretrainingParameters,
  countParameters,
  huggingFaceConfig,
  type ParameterShape,
} from './bert.js';
export {
  type BertHeadShape,
  bertHeadParameters,
  huggingFaceHeadConfig,
  isPooled,
  outputLayerOf,
  outputsOf,
  partOf,
  scaledRates,
} from './bert-heads.js';
export { canonicalName, type MatchedWeights, matchWeights } from './bert-names.js';
export { countTranslationParameters, numbersIn } from './count.js';

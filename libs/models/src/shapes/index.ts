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
export { bertConfigFile, bertConfigOf, sizesOf } from './config-file.js';
export { countTranslationParameters, numbersIn } from './count.js';

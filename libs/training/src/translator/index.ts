export { evaluateTranslation } from './evaluate.js';
export type { TranslationModelConfig } from './model.js';
export type { SearchSettings } from './search.js';
export { type TranslateOptions, type Translation, Translator, tokenizerFiles } from './translator.js';

export { evaluateTranslation } from './evaluate.js';
export type { SearchSettings } from './search.js';
export { type TranslateOptions, type Translation, Translator } from './translator.js';

/**
 * The metrics that users compare with other tools, each equal to the tool named in its file. Names and units, behind `validation.`
 * (a baseline's behind `validation.baseline.`, in the same unit):
 *
 * | name                               | of                               | unit                                                  |
 * | ---------------------------------- | -------------------------------- | ----------------------------------------------------- |
 * | loss                               | all                              | nats a token or example; regression: squared error    |
 * | accuracy                           | classification, tagging (tokens) | 0 to 1                                                |
 * | macroF1                            | classification, tagging          | 0 to 1                                                |
 * | matthews                           | classification                   | −1 to 1                                               |
 * | f1                                 | tagging, question answering      | 0 to 1: entities (seqeval), answers (SQuAD)           |
 * | exactMatch                         | question answering, translation  | 0 to 1                                                |
 * | mse, pearson, spearman             | regression                       | the value's unit squared; −1 to 1                     |
 * | bleu, chrf                         | translation                      | 0 to 100, as sacreBLEU prints them                    |
 * | bleu2                              | translation                      | 0 to 1, as Dive into Deep Learning prints it (k = 2)  |
 * | perplexity                         | translation                      | exp(nats a target token)                              |
 */
export { bleu, bleuSignature } from './bleu.js';
export { type BleuTokenization, bleuTokenizationOf, bleuTokens } from './bleu-tokenizers.js';
export { qualityByLength } from './by-length.js';
export { chrf, chrfSignature } from './chrf.js';
export {
  accuracy,
  classificationMetrics,
  confusionMatrix,
  perLabelScores,
} from './classification.js';
export { d2lBleu, d2lSentenceBleu } from './d2l-bleu.js';
export { entitiesOf, entityScores, isEntityScheme } from './entities.js';
export { exactMatch } from './exact-match.js';
export { perplexity } from './perplexity.js';
export { meanSquaredError, regressionMetrics } from './regression.js';
export { answerF1, normalizeAnswer, squadScores } from './squad.js';
export { taggingMetrics } from './tagging.js';
export { translationMetrics } from './translation.js';

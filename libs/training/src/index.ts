export { RankMemory } from './memory.js';
export type { Report } from './report.js';
export { NoRoomToHandOver } from './saver.js';
export { learningRate, type ScheduleOptions } from './schedule.js';
export { formatOf } from './shard-sums.js';
export type {
  EvaluationReport,
  EvaluationWork,
  PreparedTask,
  PrepareOptions,
  ShardEvaluation,
  TaskHandler,
} from './task.js';
export { heldOut } from './tasks/bert-evaluation.js';
export { evaluateFinetuned, type FinetunedModel, type ModelRow } from './tasks/bert-finetune/evaluate-finetuned.js';
export type { AnswerSettings, HeadContext, RowLogits } from './tasks/bert-finetune/head.js';
export { evaluatePretraining, type PretrainingModel } from './tasks/evaluate-pretraining.js';
export { taskHandler } from './tasks/index.js';
export { pretrainingData } from './tasks/pretraining-data.js';
export { type StopRequest, type TrainActivity, type TrainOptions, type TrainOutcome, train } from './train.js';
export {
  evaluateTranslation,
  type SearchSettings,
  type TranslateOptions,
  type Translation,
  Translator,
} from './translator/index.js';

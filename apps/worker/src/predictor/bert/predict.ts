import { AppError, type PredictResult, predictBodies } from '@regatta/contracts';
import { answer, classify, regress, tag } from './heads.js';
import type { LoadedBert } from './loaded-bert.js';
import { predictPretraining } from './pretraining.js';

/**
 * Answers by the model's kind.
 *
 * @throws AppError `invalid`, naming the input, where the model cannot take it
 */
export function predictBert(model: LoadedBert, body: unknown): Promise<PredictResult> {
  switch (model.description.kind) {
    case 'pretraining':
      return predictPretraining(model, predictBodies.pretraining.parse(body));
    case 'sequence-classification':
      return classify(model, predictBodies['sequence-classification'].parse(body));
    case 'regression':
      return regress(model, predictBodies.regression.parse(body));
    case 'token-classification':
      return tag(model, predictBodies['token-classification'].parse(body));
    case 'question-answering':
      return answer(model, predictBodies['question-answering'].parse(body));
    default:
      throw new AppError('invalid', 'This model is an encoder without a head: it predicts nothing.', {
        next: 'Ask for its vectors with /embed, or fine-tune it.',
      });
  }
}

import { AppError, type PredictResult } from '@regatta/contracts';
import { bodyOf } from '../body.js';
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
      return predictPretraining(model, bodyOf('pretraining', body));
    case 'sequence-classification':
      return classify(model, bodyOf('sequence-classification', body));
    case 'regression':
      return regress(model, bodyOf('regression', body));
    case 'token-classification':
      return tag(model, bodyOf('token-classification', body));
    case 'question-answering':
      return answer(model, bodyOf('question-answering', body));
    default:
      throw new AppError('invalid', 'This model is an encoder without a head: it predicts nothing.', {
        next: 'Ask for its vectors with /embed, or fine-tune it.',
      });
  }
}

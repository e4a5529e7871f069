import { AppError, type TaskName } from '@regatta/contracts';
import { type TaskHandler, taskRegistry } from '../task.js';
import { attentionLab } from './attention-lab/index.js';
import { bertFinetune } from './bert-finetune/index.js';
import { bertPretrain } from './bert-pretrain.js';
import { translate } from './translate/index.js';

const handlers = taskRegistry([bertPretrain, bertFinetune, translate, attentionLab]);

/** @throws AppError `invalid` for a name that this version does not know */
export function taskHandler(name: TaskName): TaskHandler {
  const handler = handlers.get(name);
  if (!handler) {
    throw new AppError('invalid', `This worker knows no task named ${name}.`, {
      next: 'Bring the worker to the version of the API.',
    });
  }
  return handler;
}

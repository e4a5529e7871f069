import { AppError } from '@regatta/contracts';
import { type TaskHandler, type TaskName, taskRegistry } from '../task.js';
import { bertPretrain } from './bert-pretrain.js';

const handlers = taskRegistry([bertPretrain]);

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

import { AppError } from '@regatta/contracts';
import type { TaskHandler } from '../../task.js';

export const bertFinetune: TaskHandler = {
  name: 'bert-finetune',
  prepare: () => Promise.reject(new AppError('unavailable', 'not built')),
};

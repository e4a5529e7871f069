import { AppError } from '@regatta/contracts';
import type { TaskHandler } from '../../task.js';

export const translate: TaskHandler = {
  name: 'translate',
  prepare: () => Promise.reject(new AppError('unavailable', 'not built')),
};

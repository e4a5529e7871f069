import { AppError } from '@regatta/contracts';
import type { TaskHandler } from '../../task.js';

export const attentionLab: TaskHandler = {
  name: 'attention-lab',
  prepare: () => Promise.reject(new AppError('unavailable', 'not built')),
};

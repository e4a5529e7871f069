import { AppError } from '@regatta/contracts';
import type { TaskHandler } from '../../task.js';

/** Its result goes out as a sample of kind `lab`, in the shape of `labResult` (contracts/evaluation.ts), which the dashboard draws. */
export const attentionLab: TaskHandler = {
  name: 'attention-lab',
  prepare: () => Promise.reject(new AppError('unavailable', 'not built')),
};

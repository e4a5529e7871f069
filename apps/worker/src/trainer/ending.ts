import { GenerationEnded } from '@regatta/collective';
import { AppError } from '@regatta/contracts';
import { NoRoomToHandOver } from '@regatta/training';
import { failureOf } from '../child-errors.js';
import type { FromTrainer } from '../ipc.js';

/**
 * What a trainer says of the error that ended its part in a generation. Where only the generation is over (a gradient server that went
 * away takes no state with it) the trainer lives on with the state of `step`, null where it holds none; anything else has failed.
 */
export function endingOf(
  error: unknown,
  step: number | null,
): Extract<FromTrainer, { type: 'generation-ended' | 'failed' }> {
  if (error instanceof GenerationEnded) {
    const noRoom = error instanceof NoRoomToHandOver;
    return { type: 'generation-ended', reason: error.reason, step, noRoom };
  }
  if (error instanceof AppError && error.code === 'connection-lost') {
    return { type: 'generation-ended', reason: error.message, step, noRoom: false };
  }
  return { type: 'failed', ...failureOf(error) };
}

import { describe, expect, it } from '@jest/globals';
import { GenerationEnded } from '@regatta/collective';
import { AppError } from '@regatta/contracts';
import { NoRoomToHandOver } from '@regatta/training';
import { endingOf } from './ending.js';

describe('what a trainer says of an error', () => {
  it('keeps its state where only the generation is over', () => {
    const over = { type: 'generation-ended', step: 7, noRoom: false };
    expect(endingOf(new GenerationEnded(2, 'rank 1 is lost'), 7)).toEqual({ ...over, reason: 'rank 1 is lost' });
    const lost = new AppError('connection-lost', 'The connection is lost.');
    expect(endingOf(lost, 7)).toEqual({ ...over, reason: 'The connection is lost.' });
  });

  it('says that there is no room for the state that others need', () => {
    expect(endingOf(new NoRoomToHandOver(2), 7)).toMatchObject({ type: 'generation-ended', step: 7, noRoom: true });
  });

  it('has failed with any other error', () => {
    const full = new AppError('disk-full', 'The disk is full.');
    expect(endingOf(full, 7)).toEqual({
      type: 'failed',
      code: 'disk-full',
      message: 'The disk is full.',
      retryable: false,
    });
  });
});

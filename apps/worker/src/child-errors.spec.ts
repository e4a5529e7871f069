import { describe, expect, it } from '@jest/globals';
import { AppError } from '@regatta/contracts';
import { failureOf } from './child-errors.js';

describe('failureOf', () => {
  it.each([
    'Non-zero status code returned while running Add node. Status Message: Failed to allocate memory for requested buffer of size 8388608',
    'std::bad_alloc',
    'WebAssembly.Memory(): could not allocate memory',
    'Array buffer allocation failed',
  ])('knows a shortage of memory, also behind another error: %s', (message) => {
    const error = new AppError('engine', 'The step could not be computed.', { cause: new Error(message) });
    expect(failureOf(error)).toMatchObject({ code: 'out-of-memory', retryable: true });
    expect(failureOf(new Error(message)).code).toBe('out-of-memory');
  });

  it('leaves other errors what they are', () => {
    expect(failureOf(new AppError('invalid', 'no.', { next: 'Yes.' }))).toEqual({
      code: 'invalid',
      message: 'no. Yes.',
      retryable: false,
    });
    expect(failureOf('odd')).toEqual({ code: 'internal', message: 'odd', retryable: true });
  });
});

import { AppError } from '@regatta/contracts';

/** What is wrong with a field of the request, and what to give instead. */
export const invalid = (path: string, message: string, next: string): AppError =>
  new AppError('invalid', message, { next, errors: [{ path, message: `${message} ${next}` }] });

import { AppError } from '@regatta/contracts';

/** The error of a folder that cannot be used, naming the file (and what is in it). */
export const wrong = (path: string, message: string, next?: string): AppError =>
  new AppError('invalid-file', `${path}: ${message}`, { next, errors: [{ path, message }] });

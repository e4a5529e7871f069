import { AppError } from '@regatta/contracts';

/** Rethrows an error of the file system; a full disk as what it is. */
export function diskFull(error: unknown): never {
  if ((error as NodeJS.ErrnoException)?.code !== 'ENOSPC') throw error;
  throw new AppError('disk-full', 'The disk is full', { next: 'Free some space, then upload it again', cause: error });
}

import { AppError } from '@regatta/contracts';

/** The code of a system error ("ENOENT"), undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

export const isMissing = (error: unknown): boolean => systemCode(error) === 'ENOENT';

/** An error of writing under `folder`, with what to do where that is known. AppErrors pass. */
export function writeError(error: unknown, folder: string): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('disk-full', `The disk that holds the artifacts is full (${folder}).`, {
      next: 'Free some space, or set ARTIFACTS_URL to a folder on a larger disk, and start again.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new AppError('internal', `The artifacts folder cannot be written to (${folder}).`, {
      next: 'Give the user that runs Regatta the right to write there, or set ARTIFACTS_URL to another folder.',
      cause: error,
    });
  }
  return error;
}

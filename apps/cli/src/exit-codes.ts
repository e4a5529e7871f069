import { ProblemError, UnreachableError } from '@regatta/client';

/** What a script can tell from how the program ended. */
export const exitCodes = {
  done: 0,
  /** The API refused, a run that was watched did not complete, or something is missing. */
  failed: 1,
  /** Wrong arguments, or a file that is not what it should be. */
  usage: 2,
  /** The API could not be reached, or said that trying again may help. */
  unreachable: 3,
} as const;

export const exitCodesHelp = `
Exit codes:
  0  done; a run that was watched is complete
  1  refused, failed, or something is missing
  2  wrong arguments, or a file that is not what it should be
  3  the API does not answer, or is too busy: try again later`;

/** A file or an argument is not what it should be: nothing was sent, or the API would not take it. */
export class UsageError extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof UnreachableError) return exitCodes.unreachable;
  if (error instanceof ProblemError && error.retryable) return exitCodes.unreachable;
  return exitCodes.failed;
}

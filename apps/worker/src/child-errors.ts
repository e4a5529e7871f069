import { AppError } from '@regatta/contracts';
import { EngineError } from '@regatta/engine';

/** An error in the words of the protocol: a code, a sentence with what to do next, and whether trying again can help. */
export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
}

/** Errors that nobody foresaw may be the machine's fault: trying again can help, and maxRestarts bounds it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) {
    const { code, message, next, retryable } = error;
    return { code, message: next ? `${message} ${next}` : message, retryable };
  }
  if (error instanceof EngineError) return { code: 'engine', message: error.message, retryable: error.retryable };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), retryable: true };
}

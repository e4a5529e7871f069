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
  if (isOutOfMemory(error)) {
    return { code: 'out-of-memory', message: `out of memory: ${(error as Error).message}`, retryable: true };
  }
  if (error instanceof AppError) {
    const { code, message, next, retryable } = error;
    return { code, message: next ? `${message} ${next}` : message, retryable };
  }
  if (error instanceof EngineError) return { code: 'engine', message: error.message, retryable: error.retryable };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), retryable: true };
}

/** What ONNX Runtime, the C++ library and V8 say when they cannot get memory. */
const allocationFailed =
  /failed to allocate memory|bad_alloc|array buffer allocation failed|could not allocate memory|invalid array buffer length/i;

/** Whether an error, or one that it was made of, is memory that could not be had. */
function isOutOfMemory(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) if (allocationFailed.test(one.message)) return true;
  return false;
}

/** Codes that callers can act on; the API turns them into HTTP statuses (RFC 9457). */
export type ErrorCode =
  | 'malformed'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'too-large'
  | 'unsupported-media-type'
  | 'invalid'
  | 'invalid-file'
  | 'rate-limited'
  | 'unavailable'
  | 'disk-full'
  | 'checkpoint-corrupt'
  | 'disagreement'
  | 'generation-ended'
  | 'connection-lost'
  | 'not-finite'
  | 'fingerprint-mismatch'
  | 'engine'
  | 'internal';

export interface FieldError {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  /** What the person can do about it; a sentence. */
  next?: string;
  /** Whether the same thing may succeed later without a change. */
  retryable?: boolean;
  /** Which fields were wrong, and how. */
  errors?: FieldError[];
  cause?: unknown;
}

/** The error type that crosses rooms: a code, what happened and where, what to do next, and whether trying again can help. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly next?: string;
  readonly retryable: boolean;
  readonly errors: FieldError[];

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.next = options.next;
    this.retryable = options.retryable ?? false;
    this.errors = options.errors ?? [];
  }
}

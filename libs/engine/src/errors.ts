/** An engine's failure, in the form the rest of the system reports: a code, what happened, what to do next, and whether to try again. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly retryable = false;

  constructor(
    readonly code: string,
    message: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(`${message} ${next}`, options);
  }
}

import type { Problem } from '@regatta/contracts';

/** What the API answered instead of what was asked (RFC 9457): a status, one sentence, and the fields that were wrong. */
export class ProblemError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: Problem['errors'];

  constructor(problem: Pick<Problem, 'status' | 'title'> & Partial<Problem>) {
    super(problem.detail || problem.title);
    this.name = 'ProblemError';
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail ?? '';
    this.errors = problem.errors ?? [];
  }

  /** Whether the same call may succeed later without a change: the server is away, overloaded or without a worker. */
  get retryable(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** The server could not be reached at all: nothing is known of whether the call was carried out. */
export class UnreachableError extends Error {
  readonly retryable = true;

  constructor(url: string, cause: unknown) {
    super(`${new URL(url, 'http://localhost').host} does not answer`, { cause });
    this.name = 'UnreachableError';
  }
}

/** Reads a failed response; one that is not problem+json (a proxy's page, say) keeps its status line. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const fallback = { status: response.status, title: response.statusText || `HTTP ${response.status}` };
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return new ProblemError(fallback);
  const body = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ProblemError({ ...fallback, ...body, status: response.status });
}

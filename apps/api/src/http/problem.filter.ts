import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, NotFoundException } from '@nestjs/common';
import { AppError, type ErrorCode, type FieldError, type Problem } from '@regatta/contracts';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { allowedMethods } from './allowed-methods.js';
import { databaseRefusal } from './database-refusal.js';
import { outage } from './outage.js';

export const statusOf: Record<ErrorCode, number> = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  invalid: 422,
  'invalid-file': 422,
  'rate-limited': 429,
  unavailable: 503,
  'connection-lost': 503,
  'disk-full': 507,
  'checkpoint-corrupt': 500,
  disagreement: 500,
  'generation-ended': 503,
  'not-finite': 500,
  'fingerprint-mismatch': 500,
  engine: 500,
  internal: 500,
};

/** RFC 9457; `type` names the code so that programs need not read the sentence. */
export function problemOf(status: number, code: string, detail: string, errors: FieldError[] = []): Problem {
  return { type: `urn:regatta:problem:${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail, errors };
}

export function sendProblem(response: Response, problem: Problem): void {
  if (problem.status === 503 || problem.status === 429) {
    if (!response.hasHeader('retry-after')) response.set('retry-after', problem.status === 503 ? '2' : '60');
  }
  if (problem.status === 401) response.set('www-authenticate', 'Bearer realm="regatta"');
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Every error leaves as application/problem+json; what nobody foresaw is logged, and tells the caller nothing. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const other = error instanceof NotFoundException ? allowedMethods(request.path) : [];
    if (other.length > 0) response.set('allow', other.join(', '));
    const problem =
      other.length > 0
        ? problemOf(405, 'method-not-allowed', `${request.path} takes ${other.join(', ')}`)
        : this.describe(error, request);
    // An answer that has begun (a stream, a download) can only be cut off.
    if (response.headersSent) response.destroy();
    else sendProblem(response, problem);
  }

  /** What is said of an error. */
  describe(error: unknown, request: Request): Problem {
    const known = outage(error) ?? databaseRefusal(error) ?? error;
    if (known instanceof AppError) {
      const detail = known.next ? `${known.message.replace(/[.]$/, '')}. ${known.next}` : known.message;
      if (statusOf[known.code] >= 500) this.logger.warn({ err: error, path: request.path }, known.message);
      return problemOf(statusOf[known.code], known.code, detail, known.errors);
    }
    const status = httpStatus(error);
    if (status >= 500) {
      this.logger.error({ err: error, method: request.method, path: request.path }, 'a request failed');
      return problemOf(500, 'internal', 'Something went wrong here; the log of the API has the details');
    }
    return problemOf(status, codeOf(status), error instanceof Error ? error.message : 'The request could not be read');
  }
}

/** Statuses of Nest's own exceptions and of the body parser's errors. */
function httpStatus(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { status?: unknown })?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) return status;
  return error instanceof URIError ? 400 : 500;
}

function codeOf(status: number): string {
  const codes = Object.entries(statusOf) as [ErrorCode, number][];
  return codes.find(([, mapped]) => mapped === status)?.[0] ?? 'malformed';
}

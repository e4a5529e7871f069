import { AppError } from '@regatta/contracts';
import { Prisma } from '../database/database.js';

/** Prisma's codes for a database that is away, restarting or out of connections (prisma.io/docs/orm/reference/error-reference). */
const databaseAway = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2037']);
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);
const redisAway =
  /max retries per request|isn't writeable|Connection is closed|Command timed out|Reached the max retries/i;

/** An error that means "a server behind the API is away for the moment" as the AppError `unavailable`; otherwise undefined. */
export function outage(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  const database =
    (error instanceof Prisma.PrismaClientKnownRequestError && databaseAway.has(error.code)) ||
    error instanceof Prisma.PrismaClientInitializationError ||
    (error.name === 'DriverAdapterError' &&
      /DatabaseNotReachable|ConnectionClosed|SocketTimeout/.test(error.message)) ||
    /Connection terminated|timeout exceeded when trying to connect|shutting down|starting up/i.test(error.message);
  if (database)
    return new AppError('unavailable', 'The database does not answer', {
      retryable: true,
      cause: error,
      next: 'Try again in a moment',
    });
  const redis = error.name === 'MaxRetriesPerRequestError' || redisAway.test(error.message);
  if (redis || (typeof code === 'string' && networkCodes.has(code) && code !== 'ENOENT'))
    return new AppError('unavailable', 'The control Redis does not answer', {
      retryable: true,
      cause: error,
      next: 'Try again in a moment',
    });
  return undefined;
}

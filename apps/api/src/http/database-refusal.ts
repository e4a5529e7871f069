import { AppError } from '@regatta/contracts';
import { Prisma } from '../database/database.js';

/** Prisma's codes for rows that another request has changed meanwhile (prisma.io/docs/orm/reference/error-reference). */
const refusals: Record<string, () => AppError> = {
  P2002: () => new AppError('conflict', 'Something with this name or id was made at the same time'),
  P2003: () => new AppError('conflict', 'Something that this refers to, or that refers to this, was changed meanwhile'),
  P2025: () => new AppError('not-found', 'It was deleted meanwhile'),
};

/** A refusal of the database that comes of two requests at once, as an AppError; undefined for anything else. */
export function databaseRefusal(error: unknown): AppError | undefined {
  return error instanceof Prisma.PrismaClientKnownRequestError ? refusals[error.code]?.() : undefined;
}

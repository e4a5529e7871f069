import { AppError, type FieldError } from '@regatta/contracts';
import type { Request } from 'express';
import { z } from 'zod';
import { fieldErrors } from './field-errors.js';
import { unstorable } from './unstorable.js';

const uuid = z.uuid();
const wholeNumber = /^(0|[1-9]\d{0,9})$/;

const isStep = (value: string): boolean => wholeNumber.test(value) && Number(value) < 2 ** 31;

/** Path parameters: what cannot be an id (of a worker: a name) or a step names nothing, so it is not found. */
export function parseParams(params: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(params)) {
    const valid = name === 'worker' || (name === 'step' ? isStep(value) : uuid.safeParse(value).success);
    if (!valid)
      throw new AppError('not-found', `There is nothing with the ${name} ${JSON.stringify(value.slice(0, 100))}`);
  }
  return params;
}

export function parseQuery<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  return checkValue(schema, query, 'query');
}

/** A JSON body: none is 400, another media type 415, values that the schema refuses 422. */
export function parseBody<T extends z.ZodType>(schema: T, request: Request): z.output<T> {
  const hasBody = Number(request.headers['content-length'] ?? 0) > 0 || 'transfer-encoding' in request.headers;
  if (!hasBody)
    throw new AppError('malformed', 'This call needs a JSON body', {
      next: 'Send one, with content-type: application/json',
    });
  if (!request.is('json'))
    throw new AppError(
      'unsupported-media-type',
      `The body must be application/json, not ${request.headers['content-type'] ?? 'of no stated type'}`,
    );
  return checkValue(schema, request.body, 'body');
}

/** @throws AppError invalid with every field that is wrong */
export function checkValue<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  mustBeStorable(value, what);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(what, fieldErrors(schema, parsed.error.issues, value));
  return parsed.data;
}

/** @throws AppError invalid for text that PostgreSQL cannot store, or a value nested too deeply */
export function mustBeStorable(value: unknown, what: string): void {
  const wrong = unstorable(value);
  if (wrong) throw invalid(what, [wrong]);
}

function invalid(what: string, errors: FieldError[]): AppError {
  const list = errors.map((error) => (error.path ? `${error.path}: ${error.message}` : error.message)).join('; ');
  return new AppError('invalid', `The ${what} is not valid: ${list}`.slice(0, 2000), { errors });
}

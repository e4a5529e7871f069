import { AppError, type ModelKind, type PredictBodyOf, predictBodies } from '@regatta/contracts';
import type { z } from 'zod';

/**
 * What a model of a kind is asked. The API checks the same, with better words; here it is for whoever asks past it.
 *
 * @throws AppError `invalid` with the fields that are wrong
 */
export function bodyOf<K extends ModelKind>(kind: K, body: unknown): PredictBodyOf<K> {
  const parsed = predictBodies[kind].safeParse(body);
  if (parsed.success) return parsed.data as PredictBodyOf<K>;
  const errors = closest(parsed.error.issues).map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new AppError('invalid', `A model of the kind ${kind} is asked otherwise: ${errors[0].message}.`, { errors });
}

/** Of a union's branches the one that fits best. */
function closest(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const [first] = issues;
  if (first.code !== 'invalid_union') return issues;
  return [...first.errors].sort((a, b) => a.length - b.length)[0] ?? issues;
}

import type { FieldError } from '@regatta/contracts';
import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Definition = Record<string, unknown> & { type: string };

/**
 * Zod's issues as the interface's errors: dotted paths, and for an unknown field the nearest known one.
 * @param value what was checked: of a union by a field (a run's task) it tells which alternative was meant
 */
export function fieldErrors(schema: z.ZodType, issues: readonly Issue[], value?: unknown): FieldError[] {
  return issues.flatMap((issue) => errorsOf(schema, issue, value)).slice(0, 100);
}

function errorsOf(schema: z.ZodType, issue: Issue, value: unknown): FieldError[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, issue.path, value);
    return issue.keys.map((key) => ({
      path: path ? `${path}.${key}` : key,
      message: `is not a known field${nearest(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    // The alternative that comes nearest is the one that was meant.
    const alternatives = issue.errors.filter((errors) => errors.length > 0);
    const best = alternatives.sort((a, b) => weight(a) - weight(b))[0];
    if (best)
      return best.flatMap((inner) => errorsOf(schema, { ...inner, path: [...issue.path, ...inner.path] }, value));
  }
  return [{ path, message: issue.message }];
}

/** A field that is unknown to the whole alternative says most clearly that another one was meant. */
const weight = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.length : 1;
    return sum + (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? 10 * unknown : unknown);
  }, 0);

function nearest(key: string, known: string[]): string {
  if (known.length === 0) return '';
  const candidate = closest(key, known);
  return distance(key.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, key.length / 2)
    ? `; did you mean ${candidate}?`
    : `; known are ${known.join(', ')}`;
}

/** The names of the fields of the object that a path leads to. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  let places: Definition[] = [definition(schema)];
  let inner: unknown = value;
  for (const step of path) {
    places = places
      .flatMap((place) => unwrap(place, inner))
      .flatMap((place) => {
        if (place.type === 'object') {
          const child = (place.shape as Record<PropertyKey, z.ZodType>)[step];
          return child ? [definition(child)] : [];
        }
        return place.type === 'array' ? [definition(place.element as z.ZodType)] : [];
      });
    inner = (inner as Record<PropertyKey, unknown> | null | undefined)?.[step];
  }
  const objects = places.flatMap((place) => unwrap(place, inner)).filter((place) => place.type === 'object');
  return [...new Set(objects.flatMap((place) => Object.keys(place.shape as object)))];
}

const definition = (schema: z.ZodType): Definition => schema.def as unknown as Definition;

/** Looks through optional, default, prefault, nullable, pipe and union; of a union by a field only at what the value chose. */
function unwrap(place: Definition, value: unknown): Definition[] {
  if (place.innerType) return unwrap(definition(place.innerType as z.ZodType), value);
  if (place.type === 'pipe') return unwrap(definition(place.in as z.ZodType), value);
  if (place.type !== 'union') return [place];
  const options = place.options as z.ZodType[];
  const field = place.discriminator as string | undefined;
  const chosen = field === undefined ? undefined : (value as Record<string, unknown> | undefined)?.[field];
  const meant = options.filter((option) => chosen !== undefined && takes(option, field as string, chosen));
  return (meant.length > 0 ? meant : options).flatMap((option) => unwrap(definition(option), value));
}

const takes = (option: z.ZodType, field: string, value: unknown): boolean =>
  (option as z.ZodObject).shape[field].safeParse(value).success;

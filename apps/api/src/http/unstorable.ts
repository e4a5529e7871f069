import type { FieldError } from '@regatta/contracts';

const deepest = 32;
const nulOrLoneSurrogate = /\0|\p{Surrogate}/u;

/**
 * The first place in a parsed JSON value that PostgreSQL could not store (NUL, half of a surrogate pair), or that is
 * nested deeper than any schema of ours; also a field that would change an object's prototype.
 */
export function unstorable(root: unknown): FieldError | undefined {
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value: root, path: '', depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (typeof value === 'string' && nulOrLoneSurrogate.test(value))
      return { path, message: 'must not contain NUL characters or unpaired surrogates' };
    if (typeof value !== 'object' || value === null) continue;
    if (depth === deepest) return { path: path.slice(0, 200), message: `is nested deeper than ${deepest} levels` };
    for (const [key, child] of Object.entries(value)) {
      if (nulOrLoneSurrogate.test(key))
        return { path, message: 'has a field name with NUL characters or unpaired surrogates' };
      // as a field of an object that is put together later it would be its prototype
      if (key === '__proto__') return { path: path ? `${path}.${key}` : key, message: 'is not a field name' };
      waiting.push({ value: child, path: path ? `${path}.${key}` : key, depth: depth + 1 });
    }
  }
  return undefined;
}

import type { SplitName, TaggingExample } from '@regatta/contracts';
import { hasNul, textOf } from './found.js';
import { longestLabel } from './limits.js';

/** A tagged sentence, or why these are none. */
export function taggingExample(
  tokens: readonly unknown[],
  tags: readonly unknown[],
  split: SplitName | null,
): { example: TaggingExample } | { problem: string } {
  if (tokens.length === 0) return { problem: 'Has no tokens.' };
  if (tokens.length !== tags.length) return { problem: `Has ${tokens.length} tokens but ${tags.length} tags.` };
  const example: TaggingExample = { split, tokens: [], tags: [] };
  for (const [i, cell] of tokens.entries()) {
    const token = textOf(cell);
    const tag = textOf(tags[i]);
    if (token === undefined) return { problem: `Token ${i + 1} is empty.` };
    if (tag === undefined) return { problem: `The token ${JSON.stringify(token.slice(0, 40))} has no tag.` };
    if (tag.length > longestLabel) return { problem: `A tag has ${tag.length.toLocaleString('en')} characters.` };
    if (hasNul(token) || hasNul(tag)) return { problem: 'Holds a NUL character.' };
    example.tokens.push(token);
    example.tags.push(tag);
  }
  return { example };
}

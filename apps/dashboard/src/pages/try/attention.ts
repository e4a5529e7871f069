import type { AttentionMaps } from '@regatta/contracts';
import { readable } from '../../lib/tokens.js';

export type LooksAt = 'self' | 'cross';

/** What of an answer's attention there is to look at: the alignment of source and target first. */
export const kindsOf = ({ self, cross }: AttentionMaps): LooksAt[] => [
  ...(cross && cross.length > 0 ? (['cross'] as const) : []),
  ...(self && self.length > 0 ? (['self'] as const) : []),
];

/** One head's weights [row][column]; head null: the mean of the layer's heads. A layer or head too many: the last there is. */
export function weightsOf(layers: readonly number[][][][], layer: number, head: number | null): number[][] {
  const heads = layers[Math.min(layer, layers.length - 1)];
  if (head !== null) return heads[Math.min(head, heads.length - 1)];
  return heads[0].map((row, i) => row.map((_, j) => heads.reduce((sum, one) => sum + one[i][j], 0) / heads.length));
}

/** The tokens of rows and columns as people read them. */
export function tokensOf(
  { tokens, targetTokens }: AttentionMaps,
  kind: LooksAt,
): { rows: string[]; columns: string[] } {
  // Together: a short translation may have no blank to tell its kind of tokens by.
  const words = readable([...tokens, ...(targetTokens ?? [])]);
  const columns = words.slice(0, tokens.length);
  return { columns, rows: kind === 'cross' ? words.slice(tokens.length) : columns };
}

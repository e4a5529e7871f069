import type { PerLabel } from '@regatta/contracts';

/** Tokens [start, end) of one kind. */
export interface Entity {
  type: string;
  start: number;
  end: number;
}

const prefixed = /^(?:[BIES]-|[BIES]$)/;

/** Whether tags mark entities (B-PER, I-PER, O, …) rather than a class of every token, as parts of speech do. */
export const isEntityScheme = (tags: Iterable<string>): boolean => {
  const marks = [...new Set(tags)].filter((tag) => tag !== 'O');
  return marks.length > 0 && marks.every((tag) => prefixed.test(tag));
};

/** The entities of a sentence as conlleval and seqeval (default mode) read its tags: also where an entity begins with I-. */
export function entitiesOf(tags: readonly string[]): Entity[] {
  const entities: Entity[] = [];
  let open: Entity | null = null;
  let before = { mark: 'O', type: '' };
  tags.forEach((tag, at) => {
    const now = { mark: tag[0] ?? 'O', type: tag.slice(1).replace(/^[^-]*-/, '') || '_' };
    const changes = before.type !== now.type;
    const ended = 'ES'.includes(before.mark);
    const ends = ended || 'BSO'.includes(now.mark) || changes;
    if (ends && open !== null) {
      entities.push({ ...open, end: at });
      open = null;
    }
    const starts = 'BS'.includes(now.mark) || (now.mark !== 'O' && (ended || before.mark === 'O' || changes));
    if (starts) open = { type: now.type, start: at, end: at + 1 };
    before = now;
  });
  return open === null ? entities : [...entities, { ...(open as Entity), end: tags.length }];
}

export interface EntityScores {
  /** Of all entities together, 0 to 1, 0 where undefined. */
  precision: number;
  recall: number;
  f1: number;
  perType: PerLabel;
}

/** Entities that are right in kind and in both ends (seqeval 1.2.2, default mode, micro average). */
export function entityScores(
  expected: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): EntityScores {
  const counts = new Map<string, { right: number; expected: number; predicted: number }>();
  const countOf = (type: string) => {
    const count = counts.get(type) ?? { right: 0, expected: 0, predicted: 0 };
    counts.set(type, count);
    return count;
  };
  expected.forEach((tags, i) => {
    const theirs = new Set<string>();
    for (const { type, start, end } of entitiesOf(tags)) {
      theirs.add(`${start} ${end} ${type}`);
      countOf(type).expected++;
    }
    for (const { type, start, end } of entitiesOf(predicted[i])) {
      countOf(type).predicted++;
      if (theirs.has(`${start} ${end} ${type}`)) countOf(type).right++;
    }
  });
  const all = { right: 0, expected: 0, predicted: 0 };
  for (const count of counts.values()) {
    all.right += count.right;
    all.expected += count.expected;
    all.predicted += count.predicted;
  }
  const perType = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, count]) => ({ label, ...rates(count), support: count.expected }));
  return { ...rates(all), perType };
}

function rates(count: { right: number; expected: number; predicted: number }) {
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    precision: ratio(count.right, count.predicted),
    recall: ratio(count.right, count.expected),
    f1: ratio(2 * count.right, count.expected + count.predicted),
  };
}

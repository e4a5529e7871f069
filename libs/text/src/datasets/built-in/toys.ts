import { RandomStream } from '@regatta/random';
import type { Found } from '../found.js';

export const toyTasks = ['copy', 'reverse', 'sort'] as const;
export type ToyTask = (typeof toyTasks)[number];

const pairs = 2000;
const letters = 'abcdefghijklmnop';
const shortest = 3;
const longest = 10;

const solutions: Record<ToyTask, (letters: readonly string[]) => string[]> = {
  copy: (given) => [...given],
  reverse: (given) => [...given].reverse(),
  sort: (given) => [...given].sort(),
};

/** 2,000 different sequences of 3 to 10 letters, each beside what the task makes of it; letters are words of their own. */
export function* toyPairs(task: ToyTask): Generator<Found> {
  const random = new RandomStream({ seed: 1, site: `toy.${task}` });
  const seen = new Set<string>();
  let word = 0;
  while (seen.size < pairs) {
    const length = shortest + random.integer(word++, longest - shortest + 1);
    const given = Array.from({ length }, () => letters[random.integer(word++, letters.length)]);
    const source = given.join(' ');
    if (seen.has(source)) continue;
    seen.add(source);
    yield { line: seen.size, example: { split: null, source, target: solutions[task](given).join(' ') } };
  }
}

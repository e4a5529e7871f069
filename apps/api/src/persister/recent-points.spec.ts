import { describe, expect, it } from '@jest/globals';
import type { Point } from './points.js';
import { RecentPoints } from './recent-points.js';

const point = (runId: string, step: number): Point => ({
  runId,
  name: 'x',
  step,
  value: 1,
  time: '2026-01-01T00:00:00.000Z',
  generation: 1,
});
/** A batch of one point of each run, at consecutive ids from `first`. */
const batch = (first: bigint, ...runs: string[]) => ({
  first,
  last: first + BigInt(runs.length) - 1n,
  points: runs.map((runId, i) => point(runId, Number(first) + i)),
  all: true,
});
const ids = (recent: RecentPoints, runId: string, after: bigint) =>
  recent.after(runId, after)?.map(({ id, point: { step } }) => `${id} ${step}`);

describe('RecentPoints', () => {
  it('knows what came since somebody follows, each run by itself, and nothing before', () => {
    const recent = new RecentPoints();
    recent.stored(batch(1n, 'a'));
    expect(recent.after('a', 0n)).toBeUndefined();
    const unfollow = recent.follow('a');
    recent.stored(batch(2n, 'a', 'b', 'a'));
    expect(recent.after('a', 0n)).toBeUndefined();
    expect(ids(recent, 'a', 1n)).toEqual(['2 2', '4 4']);
    expect(ids(recent, 'a', 3n)).toEqual(['4 4']);
    expect(ids(recent, 'a', 9n)).toEqual([]);
    expect(recent.after('b', 3n)).toBeUndefined();
    expect([recent.isEnd(4n), recent.isEnd(5n)]).toEqual([true, false]);
    unfollow();
    expect(recent.after('a', 3n)).toBeUndefined();
  });

  it('leaves to the database what it cannot be sure of: ids that another took, and a batch that was there in part', () => {
    const recent = new RecentPoints();
    recent.follow('a');
    recent.stored(batch(7n, 'a'));
    expect(recent.after('a', 5n)).toBeUndefined();
    expect(ids(recent, 'a', 6n)).toEqual(['7 7']);
    recent.stored(batch(9n, 'a'));
    expect(recent.after('a', 7n)).toBeUndefined();
    expect(ids(recent, 'a', 8n)).toEqual(['9 9']);
    recent.stored({ ...batch(10n, 'a', 'a'), all: false });
    expect(recent.after('a', 10n)).toBeUndefined();
    expect(ids(recent, 'a', 11n)).toEqual([]);
  });

  it('keeps the newest of a run that nobody reads', () => {
    const recent = new RecentPoints();
    recent.follow('a');
    recent.stored(batch(1n, ...Array.from({ length: 6000 }, () => 'a')));
    expect(recent.after('a', 999n)).toBeUndefined();
    expect(recent.after('a', 1000n)).toHaveLength(5000);
  });
});

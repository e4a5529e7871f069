import { Injectable } from '@nestjs/common';
import type { Point } from './points.js';

/** As many points of a run as are kept for those that follow it. */
const keptMost = 5000;

export interface NumberedPoint {
  id: bigint;
  point: Point;
}

interface Followed {
  /** All that was stored of the run behind this id, up to the end of the sequence, is in `points`. */
  from: bigint;
  points: NumberedPoint[];
  followers: number;
}

/**
 * What this process has stored of the runs that somebody follows, for as long as it is all that came: so the points of a batch are not read
 * from the database once more for each that follows their run. Where something else came in between (an event, another process of the API)
 * the database is asked.
 */
@Injectable()
export class RecentPoints {
  private readonly runs = new Map<string, Followed>();
  /** The last id of the sequence that this process has seen used; -1 before the first. */
  private end = -1n;

  /** Keeps points of a run. @returns the function that ends it */
  follow(runId: string): () => void {
    const followed = this.runs.get(runId) ?? { from: this.end, points: [], followers: 0 };
    this.runs.set(runId, followed);
    followed.followers += 1;
    return () => {
      followed.followers -= 1;
      if (followed.followers === 0) this.runs.delete(runId);
    };
  }

  /** Tells of a batch that used the ids from `first` to `last`, for these points in their order. `all`: it stored every one, and nothing else that is followed. */
  stored({ first, last, points, all }: { first: bigint; last: bigint; points: Point[]; all: boolean }): void {
    const gap = first !== this.end + 1n;
    this.end = last;
    if (gap || !all) for (const followed of this.runs.values()) restart(followed, all ? first - 1n : last);
    if (!all) return;
    for (const [i, point] of points.entries())
      this.runs.get(point.runId)?.points.push({ id: first + BigInt(i), point });
    for (const followed of this.runs.values()) {
      const { points } = followed;
      if (points.length > keptMost) followed.from = points.splice(0, points.length - keptMost).at(-1)?.id ?? last;
    }
  }

  /** Whether nothing was stored behind what this process has stored, by the database's sequence. */
  isEnd(sequence: bigint): boolean {
    return sequence === this.end;
  }

  /** All points of a followed run behind `after`; undefined where only the database knows them. */
  after(runId: string, after: bigint): NumberedPoint[] | undefined {
    const followed = this.runs.get(runId);
    if (!followed || followed.from < 0n || after < followed.from) return undefined;
    const { points } = followed;
    let start = points.length;
    while (start > 0 && points[start - 1].id > after) start -= 1;
    return points.slice(start);
  }
}

function restart(followed: Followed, from: bigint): void {
  followed.from = from;
  followed.points = [];
}

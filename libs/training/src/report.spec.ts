import { describe, expect, it } from '@jest/globals';
import type { RunSpec } from '@regatta/contracts';
import { RankMemory } from './memory.js';
import { Reporter } from './report.js';

const parts = { masksMs: 1, sumMs: 2, updateMs: 3, waitMs: 4 };
const reporter = (rank: number) =>
  new Reporter({ runId: 'r' } as RunSpec, 1, rank, 100, async () => undefined, new RankMemory());

describe('the parts of a step', () => {
  it("are told under the rank's name", () => {
    expect(reporter(3).rankParts([{ number: 1 }], parts)).toEqual({
      'rank.3.masksMs': 1,
      'rank.3.sumMs': 2,
      'rank.3.updateMs': 3,
      'rank.3.waitMs': 4,
    });
  });

  it('are told at the first step and at every tenth', () => {
    const told = Array.from({ length: 25 }, (_, i) => i + 1).filter(
      (step) => Object.keys(reporter(0).rankParts([{ number: step }], parts)).length > 0,
    );
    expect(told).toEqual([1, 11, 21]);
  });
});

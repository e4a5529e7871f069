import { describe, expect, it } from '@jest/globals';
import { StepDeadline } from './step-deadline.js';

/** A trainer that has made steps of so many ms of computing, 20 ms of exchange each; returns the deadline and the time. */
function trained(steps: number[]): [StepDeadline, number] {
  const deadline = new StepDeadline(0);
  let now = 1000;
  for (const ms of steps) {
    deadline.heard('computing', now);
    now += ms;
    deadline.heard('exchanging', now);
    now += 20;
  }
  return [deadline, now];
}

/** How long it may do this, without another word, before it is given up; looked at every 100 ms. */
function patience(deadline: StepDeadline, now: number): number {
  let waited = 0;
  while (deadline.overdue(now + waited) === null) waited += 100;
  return waited;
}

describe('the step deadline', () => {
  it('is ten times the median of its own steps, and never under 3 s', () => {
    const [quick, a] = trained([25, 31, 27, 25]);
    quick.heard('computing', a);
    expect(patience(quick, a)).toBe(3100);
    expect(quick.overdue(a + 3100)).toEqual({ cause: 'no step for 3.1 s', silentMs: 3100 });

    const [slow, b] = trained([900, 1100, 1000, 1000, 1000]);
    slow.heard('computing', b);
    expect(patience(slow, b)).toBe(10_100);
  });

  it('allows for rare long steps', () => {
    const [deadline, now] = trained([100, 100, 2000, 100, 100]);
    deadline.heard('computing', now);
    expect(patience(deadline, now)).toBe(6100);
  });

  it('gives the first step, the next two, and what is long and rare, more; the latter from what it saw', () => {
    const [fresh, start] = trained([]);
    fresh.heard('computing', start);
    expect(patience(fresh, start)).toBe(60_100);
    // a micro-batch of it was computed
    fresh.heard('computing', start + 50_000);
    expect(patience(fresh, start)).toBe(110_100);
    const [young, a] = trained([50]);
    young.heard('computing', a);
    expect(patience(young, a)).toBe(30_100);
    const [large, c] = trained([9000]);
    large.heard('computing', c);
    expect(patience(large, c)).toBe(90_100);

    const [deadline, b] = trained([50, 50, 50]);
    deadline.heard('evaluating', b);
    expect(patience(deadline, b)).toBe(600_100);
    deadline.heard('computing', b + 8000);
    deadline.heard('evaluating', b + 8100);
    expect(patience(deadline, b + 8100)).toBe(80_100);
    expect(deadline.overdue(b + 100_000)?.cause).toBe('no sign of life for 91.9 s while evaluating');
  });

  it('does not count the compilation of another shape as a step', () => {
    const [deadline, start] = trained([50, 50, 50]);
    deadline.heard('computing', start);
    deadline.heard('compiling', start + 10);
    expect(deadline.overdue(start + 60_000)).toBeNull();
    deadline.heard('computing', start + 60_000);
    expect(patience(deadline, start + 60_000)).toBe(3100);
    deadline.heard('exchanging', start + 60_070);
    deadline.heard('computing', start + 60_100);
    expect(patience(deadline, start + 60_100)).toBe(3100);
  });

  it('never gives up one that waits for others as long as it is heard, and soon one that is not', () => {
    const [deadline, start] = trained([50, 50, 50]);
    let now = start;
    for (; now < start + 120_000; now += 500) {
      expect(deadline.overdue(now)).toBeNull();
      deadline.heard('exchanging', now);
    }
    expect(patience(deadline, now)).toBe(2600);
  });

  it('counts anew when the listener was away', () => {
    const [deadline, now] = trained([50, 50, 50]);
    deadline.heard('computing', now);
    deadline.listenAnew(now + 20_000);
    expect(deadline.overdue(now + 20_000)).toBeNull();
    expect(patience(deadline, now + 20_000)).toBe(3100);
  });

  it('does not count the time in which others had the processors', () => {
    const [deadline, start] = trained([50, 50, 50]);
    deadline.heard('computing', start);
    deadline.got({ ranMs: 100, waitedMs: 4000 });
    expect(patience(deadline, start)).toBe(7100);
    deadline.heard('exchanging', start + 5000);
    expect(patience(deadline, start + 5000)).toBeLessThan(60_000);
    // joining: it meets the others, with its loop free, then reads its state without a pause
    const [joiner] = trained([]);
    joiner.heard('joining', 2000);
    joiner.heard('joining', 2500);
    joiner.got({ ranMs: 2000, waitedMs: 60_000 });
    expect(joiner.overdue(2500 + 62_000)).toBeNull();
  });

  it('finds one that stands still in 30 s, whatever it does for the first time', () => {
    for (const activity of ['preparing', 'joining', 'evaluating', 'saving', 'compiling'] as const) {
      const [deadline, start] = trained([50, 50, 50]);
      deadline.heard(activity, start);
      deadline.heard(activity, start + 500);
      // the silence of an activity that is not over is no measure of it
      expect(patience(deadline, start + 500)).toBeGreaterThanOrEqual(600_100);
      deadline.got({ ranMs: 0, waitedMs: 0 });
      expect(patience(deadline, start + 500)).toBe(30_100);
      deadline.got({ ranMs: 3000, waitedMs: 1000 });
      expect(patience(deadline, start + 500)).toBe(34_100);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import type { MetricsEntry, StreamEntry } from '@regatta/contracts';
import { EntryQueue } from './entry-queue.js';

const entry = (step: number): StreamEntry => ({
  type: 'metrics',
  runId: '00000000-0000-7000-8000-000000000000',
  generation: 1,
  time: '2026-01-01T00:00:00.000Z',
  step,
  epoch: 0,
  values: {},
});

/** Whether a promise is settled after all that can happen without the outside has happened. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('EntryQueue', () => {
  it('numbers entries from 1 and sends them at once, in order', () => {
    const sent: number[][] = [];
    const queue = new EntryQueue((seq, sentEntry) => sent.push([seq, (sentEntry as MetricsEntry).step]), 10);
    for (const step of [5, 6, 7]) void queue.push(entry(step));
    expect(sent).toEqual([
      [1, 5],
      [2, 6],
      [3, 7],
    ]);
  });

  it('holds the writer back while too many are not acknowledged', async () => {
    const queue = new EntryQueue(() => {}, 3);
    expect(await settled(queue.push(entry(1)))).toBe(true);
    expect(await settled(queue.push(entry(2)))).toBe(true);
    const third = queue.push(entry(3));
    expect(await settled(third)).toBe(false);
    queue.acknowledge(1);
    expect(await settled(third)).toBe(true);
  });

  it('is flushed when the last entry is acknowledged, whatever the order of the acknowledgements', async () => {
    const queue = new EntryQueue(() => {}, 100);
    expect(await settled(queue.flush())).toBe(true);
    for (const step of [1, 2, 3]) void queue.push(entry(step));
    const flushed = queue.flush();
    queue.acknowledge(2);
    queue.acknowledge(1);
    expect(await settled(flushed)).toBe(false);
    queue.acknowledge(3);
    expect(await settled(flushed)).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RunFeed } from './run-feed.js';

const event = (id: string, time: string) => ({ id, type: 'x', time, step: 0, generation: 0, message: id, data: {} });

describe('RunFeed', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('merges history into what came live before it', () => {
    const feed = new RunFeed();
    const time = '2026-01-01T00:00:00Z';
    feed.addPoint('train.loss', { step: 3, value: 3, time });
    feed.addHistory([{ name: 'train.loss', points: [1, 2, 3].map((step) => ({ step, value: step, time })) }]);
    expect(feed.series.get('train.loss')?.steps).toEqual([1, 2, 3]);
    expect(feed.last('train.loss')).toBe(3);
  });

  it('orders the ledger by time, then sequence, each event once', () => {
    const feed = new RunFeed();
    feed.addEvents([event('10', '2026-01-01T00:00:02Z'), event('9', '2026-01-01T00:00:02Z')]);
    feed.addEvents([event('8', '2026-01-01T00:00:01Z'), event('10', '2026-01-01T00:00:02Z')]);
    expect(feed.events.map(({ id }) => id)).toEqual(['8', '9', '10']);
  });

  it('tells its listeners once for a burst', () => {
    const feed = new RunFeed();
    let told = 0;
    feed.subscribe(() => told++);
    for (let step = 0; step < 500; step++)
      feed.addPoint('train.loss', { step, value: 1, time: '2026-01-01T00:00:00Z' });
    jest.advanceTimersByTime(1000);
    expect(told).toBe(1);
    expect(feed.version).toBe(1);
  });
});

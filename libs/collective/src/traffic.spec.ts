import { describe, expect, it } from '@jest/globals';
import { gradientTraffic } from './traffic.js';

const header = 40;

describe('gradientTraffic', () => {
  it('is one vector out and one in for each of two ranks, half as parts and half as sums', () => {
    const { ranks, server } = gradientTraffic({ floats: 1000, chunkFloats: 100, shards: 8, worldSize: 2 });
    const vector = 4 * 1000 + 10 * header;
    expect(ranks).toEqual([
      { sent: vector, received: vector },
      { sent: vector, received: vector },
    ]);
    expect(server).toEqual({ received: 2 * vector, sent: 2 * vector });
  });

  it('counts every subtree of a slice that is not aligned', () => {
    // 3 ranks, 3 chunks, one each: subtrees 0+2; 2+2 4+1; 5+1 6+2, so rank 1 sends each part twice.
    const { ranks } = gradientTraffic({ floats: 30, chunkFloats: 10, shards: 8, worldSize: 3 });
    const chunk = 40 + header;
    expect(ranks.map(({ sent }) => sent / chunk)).toEqual([1 * 2 + 1, 2 * 2 + 1, 2 * 2 + 1]);
    expect(ranks.map(({ received }) => received / chunk)).toEqual([4 + 2, 3 + 2, 3 + 2]);
  });

  it('is nothing for one rank', () => {
    const { ranks, server } = gradientTraffic({ floats: 1000, chunkFloats: 100, shards: 8, worldSize: 1 });
    expect(ranks).toEqual([{ sent: 0, received: 0 }]);
    expect(server).toEqual({ received: 0, sent: 0 });
  });
});

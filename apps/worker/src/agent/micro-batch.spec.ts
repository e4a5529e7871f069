import { expect, it } from '@jest/globals';
import { smallerMicroBatch } from './micro-batch.js';

it('a smaller micro-batch is the next divisor, so that it divides its shard', () => {
  expect([8, 4, 2, 1, 9, 7, 12].map(smallerMicroBatch)).toEqual([4, 2, 1, null, 3, 1, 6]);
});

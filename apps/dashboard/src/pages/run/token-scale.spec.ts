import { expect, it } from '@jest/globals';
import { tokenScale } from './token-scale.js';

it('adds up the speed, and leaves out the time in which nothing was trained', () => {
  // 100 tokens/s, a step a second; between steps 3 and 4 an hour is lost.
  const at = tokenScale({
    steps: [1, 2, 3, 4, 5],
    values: [100, 100, 100, 100, 100],
    times: [1000, 2000, 3000, 3_603_000, 3_604_000],
  });
  expect([at(0), at(1), at(2.5), at(3)]).toEqual([0, 100, 250, 300]);
  // What an interruption may count for is five usual steps.
  expect(at(4)).toBe(800);
  expect(at(5)).toBe(900);
  expect(at(6)).toBe(1080);
});

it('is the step itself before there is a speed', () => {
  expect(tokenScale(undefined)(7)).toBe(7);
});

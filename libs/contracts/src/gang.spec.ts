import { describe, expect, it } from '@jest/globals';
import { differences, stragglersOf } from './gang.js';

describe('differences', () => {
  it('names the parts that differ, and both kinds where they are of another form', () => {
    const here = 'compiled onnxruntime-node-1.22 x64-ab threads-2 code-1';
    expect(differences(here, 'compiled onnxruntime-node-1.22 x64-ab threads-4 code-2')).toBe(
      'threads: threads-2 here, threads-4 there; code: code-1 here, code-2 there',
    );
    expect(differences(here, `${here} gpu-X`)).toBe('GPU: none here, gpu-X there');
    expect(differences('kind-a', 'kind-b')).toBe('kind-a here, kind-b there');
  });
});

describe('stragglersOf', () => {
  const gang = (...times: (number | undefined)[]) => times.map((shardMs, rank) => ({ id: `w${rank}`, rank, shardMs }));
  const slow = (times: (number | undefined)[], before: string[] = []) =>
    stragglersOf(gang(...times), before).map(({ workerId }) => workerId);

  it('are past twice the median, of two ranks too, and more than noise', () => {
    expect(slow([100, 100, 201])).toEqual(['w2']);
    expect(slow([100, 100, 199])).toEqual([]);
    expect(slow([100, 250])).toEqual(['w1']);
    expect(slow([100, 300, 90, 310])).toEqual(['w1', 'w3']);
    expect(slow([20, 20, 55])).toEqual([]);
  });

  it('are such until they are clearly fast again', () => {
    expect(slow([100, 100, 160], ['w2'])).toEqual(['w2']);
    expect(slow([100, 100, 149], ['w2'])).toEqual([]);
  });

  it('are not looked for before every rank has a time', () => {
    expect(slow([100, undefined, 900])).toEqual([]);
    expect(slow([900])).toEqual([]);
  });
});

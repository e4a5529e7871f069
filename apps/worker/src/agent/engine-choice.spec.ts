import { describe, expect, it } from '@jest/globals';
import { chooseEngine } from './engine-choice.js';

function recorder() {
  const lines: [level: string, message: string][] = [];
  const note = (level: string) => (_: object, message: string) => lines.push([level, message]);
  return { lines, log: { warn: note('warn'), info: note('info') } as never };
}
const h200 = { name: 'NVIDIA H200', memoryBytes: 139 * 2 ** 30 };

describe('chooseEngine', () => {
  it.each(['compiled', 'wasm', 'cpu'])('takes %s without trying it', async (engine) => {
    const { lines, log } = recorder();
    const probe = () => Promise.reject(new Error('tried'));
    expect(await chooseEngine(engine, log, probe)).toEqual({ engine, device: null });
    expect(lines).toEqual([]);
  });

  it('takes what the machine can do, and names its device', async () => {
    const { lines, log } = recorder();
    const chosen = await chooseEngine('compiled:cuda', log, async () => ({ problem: null, device: h200 }));
    expect(chosen).toEqual({ engine: 'compiled:cuda', device: h200 });
    expect(lines).toEqual([['info', 'computes with compiled:cuda on NVIDIA H200']]);
  });

  it.each([
    ['says what it lacks', async () => ({ problem: 'no CUDA', device: null })],
    ['crashes', () => Promise.reject(new Error('no CUDA'))],
  ])('computes on the processor where the engine %s, and warns', async (_, probe) => {
    const { lines, log } = recorder();
    expect(await chooseEngine('tfjs-node-gpu', log, probe)).toEqual({ engine: 'compiled', device: null });
    expect(lines).toEqual([['warn', 'ENGINE=tfjs-node-gpu is not used, but compiled, on the processor: no CUDA']]);
  });
});

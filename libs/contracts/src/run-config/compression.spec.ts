import { describe, expect, it } from '@jest/globals';
import { runConfig } from './index.js';

const parse = (compression?: unknown) =>
  runConfig.safeParse({ task: 'bert-pretrain', dataset: 'brown', distributed: { compression } });

describe('distributed.compression', () => {
  it.each(['none', 'bf16', 'int8'])('may be %s', (compression) => {
    expect(parse(compression).data).toMatchObject({ distributed: { compression } });
  });

  it('is none where nothing is said', () => {
    expect(parse().data).toMatchObject({ distributed: { compression: 'none' } });
  });

  it.each(['int4', 'INT8', 8, null])('refuses %p, and says where and what there is', (compression) => {
    expect(parse(compression).error?.issues).toEqual([
      expect.objectContaining({
        path: ['distributed', 'compression'],
        message: expect.stringMatching(/none.*bf16.*int8/),
      }),
    ]);
  });
});

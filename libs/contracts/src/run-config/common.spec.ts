import { describe, expect, it } from '@jest/globals';
import { runConfig } from './index.js';

const issues = (body: object) =>
  runConfig.safeParse(body).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const pretraining = (distributed: object) => ({ task: 'bert-pretrain', dataset: 'brown', distributed });

describe('distributed.localSteps', () => {
  it('is 1 unless a run asks for more, and a lab has none', () => {
    expect(runConfig.parse(pretraining({})).distributed).toMatchObject({ localSteps: 1 });
    expect(runConfig.parse(pretraining({ localSteps: 8 })).distributed).toMatchObject({ localSteps: 8 });
    expect(runConfig.parse({ task: 'attention-lab' }).distributed).toMatchObject({ localSteps: 1 });
    expect(issues({ task: 'attention-lab', distributed: { localSteps: 2 } })).toContainEqual(
      expect.stringMatching(/localSteps/),
    );
  });

  it('is a whole number from 1 to 1000, and is not compressed', () => {
    for (const localSteps of [0, -1, 1.5, 1001, '8', null]) {
      expect(issues(pretraining({ localSteps }))).toEqual([expect.stringMatching(/^distributed\.localSteps: /)]);
    }
    expect(issues(pretraining({ localSteps: 8, compression: 'bf16' }))).toEqual([
      'distributed.localSteps: must be 1 with compression bf16: what shards exchange after steps of their own is not compressed',
    ]);
  });
});

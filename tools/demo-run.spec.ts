import { describe, expect, it } from '@jest/globals';
import { runConfig } from '@regatta/contracts';
import { demoRun, verdict } from './demo-run.mjs';

const metrics = (mlm: number | null, nsp: number | null) => ({
  metrics: { 'validation.mlm.loss': mlm, 'validation.baseline.mlm.loss': 6.6, 'validation.nsp.loss': nsp },
});

describe('the demo run', () => {
  it('is a run that the API accepts', () => {
    expect(runConfig.parse(demoRun).training.maxSteps).toBe(demoRun.training.maxSteps);
  });

  it('has learnt only when both losses are below what guessing reaches', () => {
    expect(verdict(metrics(5.09, 0.69)).learnt).toBe(true);
    expect(verdict(metrics(5.11, 0.69)).learnt).toBe(false);
    expect(verdict(metrics(5.09, 0.7)).learnt).toBe(false);
    expect(verdict(metrics(null, 0.69)).learnt).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EpochPlan, epochPlan } from './index.js';

const stepsOf = (plan: EpochPlan) => Array.from({ length: plan.steps }, (_, i) => plan.step(i));
const lengths = Int32Array.from({ length: 333 }, (_, i) => 5 + ((i * 37) % 60));
const options = { seed: 1, epoch: 0, lengths, buckets: [32, 48, 64], globalBatchSize: 24, logicalShards: 8 };

describe('epochPlan', () => {
  it('has every example exactly once, in a bucket that holds it, and fillers that are real rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 3, max: 64 }), { maxLength: 200 }),
        fc.constantFrom([64], [16, 64], [8, 32, 48, 64]),
        fc.constantFrom(1, 2, 8),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 9 }),
        (each, buckets, logicalShards, rows, seed) => {
          const globalBatchSize = logicalShards * rows;
          const plan = epochPlan({
            seed,
            epoch: 2,
            lengths: Int32Array.from(each),
            buckets,
            globalBatchSize,
            logicalShards,
          });
          const seen = new Int32Array(each.length);
          let short = 0;
          for (const step of stepsOf(plan)) {
            expect(step.shards).toHaveLength(logicalShards);
            const inStep = new Set<number>();
            step.shards.forEach((shard, s) => {
              expect(shard).toHaveLength(rows);
              for (const example of shard.subarray(0, step.real[s])) {
                seen[example]++;
                inStep.add(example);
                expect(each[example]).toBeLessThanOrEqual(step.bucket);
              }
            });
            for (const shard of step.shards) for (const example of shard) expect(inStep.has(example)).toBe(true);
            expect(Math.max(...step.real) - Math.min(...step.real)).toBeLessThanOrEqual(1);
            if (inStep.size < globalBatchSize) short++;
          }
          expect([...seen].every((n) => n === 1)).toBe(true);
          expect(short).toBeLessThanOrEqual(1);
          expect(plan.steps).toBe(Math.ceil(each.length / globalBatchSize));
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  });

  it('is a function of its options, told apart by its hash', () => {
    const plan = epochPlan(options);
    expect(stepsOf(epochPlan(options))).toEqual(stepsOf(plan));
    expect(epochPlan(options).hash).toBe(plan.hash);
    expect(plan.hash).toMatch(/^[0-9a-f]{64}$/);
    const others = [{ seed: 2 }, { epoch: 1 }, { buckets: [64] }, { logicalShards: 4 }, { lengths: lengths.slice(1) }];
    const hashes = others.map((change) => epochPlan({ ...options, ...change }).hash);
    expect(new Set([plan.hash, ...hashes]).size).toBe(6);
  });

  it('uses short buckets for short examples, and mixes the order of buckets', () => {
    const buckets = stepsOf(epochPlan(options)).map((step) => step.bucket);
    expect(new Set(buckets)).toEqual(new Set([32, 48, 64]));
    expect(buckets).not.toEqual([...buckets].sort((a, b) => a - b));
  });

  it('hands out steps that a caller may write to', () => {
    const plan = epochPlan(options);
    const before = plan.step(0).shards[0][0];
    plan.step(0).shards[0].fill(-1);
    expect(plan.step(0).shards[0][0]).toBe(before);
  });

  it('refuses what does not fit', () => {
    expect(() => epochPlan({ ...options, buckets: [32] })).toThrow(/longer|more than the longest bucket, 32/);
    expect(() => epochPlan({ ...options, globalBatchSize: 20 })).toThrow(/cannot be cut into 8/);
    const plan = epochPlan(options);
    expect(() => plan.step(plan.steps)).toThrow(RangeError);
    expect(() => plan.step(0.5)).toThrow(RangeError);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError, type RunSpec, type StreamEntry } from '@regatta/contracts';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { pretrainingSpec, sampleText } from '../../../test/support/pretraining.js';
import { numbersOf, ranksInMemory, type TrainChanges, trainInMemory } from '../../../test/support/train-in-memory.js';
import { NoRoomToHandOver } from './saver.js';

let folder: string;
let store: ArtifactStore;
let sha256: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-saver-'));
  store = openStore(`file://${folder}`);
  ({ sha256 } = await store.putBlob(Buffer.from(sampleText())));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (spec: RunSpec, worldSize: number, changes?: TrainChanges) =>
  trainInMemory(store, spec, worldSize, changes);

describe('training on a full disk', () => {
  /** A store that has no room while `full` says so. */
  const cramped = (full: (step: number) => boolean): ArtifactStore => ({
    ...store,
    writeCheckpoint: async (runId, step, ...rest) => {
      if (full(step)) throw new AppError('disk-full', 'The disk is full.');
      return store.writeCheckpoint(runId, step, ...rest);
    },
  });
  const told = (entries: StreamEntry[]) =>
    entries.filter((entry) => entry.type === 'event').map(({ event, step, message }) => `${event} ${step}: ${message}`);
  const saved = (entries: StreamEntry[]) =>
    entries.filter((entry) => entry.type === 'checkpoint').map(({ step }) => step);

  it('goes on without a checkpoint, says so, and writes the next one; the numbers are the same', async () => {
    const whole = await run(pretrainingSpec(sha256), 2);
    const { outcomes, entries } = await run(pretrainingSpec(sha256), 2, { store: cramped((step) => step === 8) });
    expect(outcomes).toEqual(whole.outcomes);
    expect(numbersOf(entries)).toEqual(numbersOf(whole.entries));
    expect(saved(entries)).toEqual([4, 12]);
    expect(told(entries)).toEqual([
      'warning 8: The checkpoint of step 8 could not be written: The disk is full. That of step 4 stands. The run goes on, and tries again within 4 steps.',
    ]);
  }, 300_000);

  it('waits at the end until there is room, and says for what', async () => {
    let left = 3;
    const { outcomes, entries } = await run(pretrainingSpec(sha256), 2, {
      store: cramped((step) => step === 12 && left-- > 0),
      fullDiskPatience: { retryEveryMs: 1, forMs: 60_000 },
    });
    expect(outcomes.map(({ kind }) => kind)).toEqual(['finished', 'finished']);
    expect(saved(entries)).toEqual([4, 8, 12]);
    expect(told(entries)).toEqual([
      'warning 12: The checkpoint of step 12 could not be written: The disk is full. That of step 8 stands. The run waits for space to save the finished model, and fails if there is none within 1 minute.',
      'checkpoint 12: There is room again: the finished model was saved after 4 tries.',
    ]);
  }, 300_000);

  it('fails where there is no room in time, and leaves at once where it is asked to', async () => {
    const full = { store: cramped((step) => step > 4) };
    const never = run(pretrainingSpec(sha256), 1, { ...full, fullDiskPatience: { retryEveryMs: 1, forMs: 5 } });
    await expect(never).rejects.toMatchObject({ code: 'disk-full' });
    const asked = new AbortController();
    const spec = pretrainingSpec(sha256);
    const report = async (entry: StreamEntry) => {
      if (entry.type === 'event' && entry.step === 12) asked.abort({ reason: 'pause', checkpoint: true });
    };
    const { outcomes } = await run(spec, 1, { ...full, report, signal: asked.signal });
    expect(outcomes).toEqual([{ kind: 'stopped', step: 12, weightsSha256: null }]);
    expect(await store.listCheckpoints(spec.runId)).toEqual([4]);
  }, 300_000);

  /** A second rank that holds nothing comes to one that was trained to step 6. */
  const joined = async (minWorkers: number, changes: TrainChanges) => {
    const spec = pretrainingSpec(sha256, { distributed: { minWorkers } });
    const enough = new AbortController();
    const onStep = (step: number) => step === 6 && enough.abort({ reason: 'drain', checkpoint: false });
    const { memories } = await run(spec, 1, { signal: enough.signal, onStep });
    const full = { ...changes, store: cramped(() => true), memories, resume: 'held' as const };
    const { ranks, entries } = await ranksInMemory(store, spec, 2, full);
    const [first, second] = await Promise.allSettled(ranks);
    return { first, second, told: told(entries), step: memories[0].state?.step };
  };

  it('ends the generation where a new rank needs the state and those that hold it are enough', async () => {
    const { first, second, told, step } = await joined(1, {});
    expect(first).toMatchObject({ status: 'rejected', reason: expect.any(NoRoomToHandOver) });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'generation-ended' } });
    expect(told).toEqual([
      'warning 6: The checkpoint of step 6 could not be written: The disk is full. That of step 4 stands. The gang goes on without the workers that need it; they are taken in when there is room.',
    ]);
    expect(step).toBe(6);
  }, 300_000);

  it('waits for room where those that hold the state are too few', async () => {
    const asked = new AbortController();
    const tries: string[] = [];
    const report = async (entry: StreamEntry) => {
      if (entry.type !== 'event') return;
      tries.push(entry.message);
      asked.abort({ reason: 'pause', checkpoint: true });
    };
    const { first } = await joined(2, { report, signal: asked.signal });
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'generation-ended' } });
    expect(first).not.toMatchObject({ reason: { noRoom: true } });
    expect(tries).toEqual([expect.stringContaining('The run waits for space to save the state that ranks')]);
  }, 300_000);
});

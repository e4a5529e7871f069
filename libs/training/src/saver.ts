import { setTimeout as sleep } from 'node:timers/promises';
import { GenerationEnded } from '@regatta/collective';
import { AppError } from '@regatta/contracts';
import { type CheckpointContext, retireCheckpoints, saveCheckpoint } from './checkpoint.js';
import type { Reporter } from './report.js';
import type { TrainingState } from './state.js';

/** How long what cannot be done without is tried again while the disk is full, and how often. */
export interface FullDiskPatience {
  retryEveryMs: number;
  forMs: number;
}

const usualPatience: FullDiskPatience = { retryEveryMs: 5000, forMs: 600_000 };

/** Ranks need the state as a checkpoint and there is no room for one: the generation ends, and the next one is to do without them. */
export class NoRoomToHandOver extends GenerationEnded {
  readonly noRoom = true;

  constructor(generation: number) {
    super(generation, 'there is no room to hand the state over to those who need it');
  }
}

export interface SaverParts {
  context: CheckpointContext;
  reporter: Reporter;
  /** Resolves when everything reported so far is kept for good. */
  reported: () => Promise<void>;
  patience?: FullDiskPatience;
  /** Aborted: the run is to be left, nobody waits for space any longer. */
  signal?: AbortSignal;
}

/** Writes a run's checkpoints and tells of them; knows what to do while the disk is full. */
export class Saver {
  /** The checkpoint that stands, as far as this rank knows. */
  private saved: { step: number; weightsSha256: string } | null = null;

  constructor(private readonly parts: SaverParts) {}

  /** Whether the checkpoint of `step` stands. */
  has(step: number): boolean {
    return this.saved?.step === step;
  }

  /** The run goes on from this one. */
  restored(saved: { step: number; weightsSha256: string }): void {
    this.saved = saved;
  }

  /**
   * Saves the state, unless that was done at this step, when everything up to its step is told for good, and tells that; then retires old
   * checkpoints. Returns the weights' SHA-256.
   * @throws AppError `disk-full`; what was there before stands unchanged
   */
  async save(state: TrainingState): Promise<string> {
    const { context, reporter, reported } = this.parts;
    if (this.saved?.step === state.step) return this.saved.weightsSha256;
    await reported();
    const saved = await saveCheckpoint(context, state);
    this.saved = saved;
    await reporter.checkpoint(saved);
    for (const retired of await retireCheckpoints(context)) {
      await reporter.checkpoint({ ...retired, removed: true });
    }
    return saved.weightsSha256;
  }

  /** Saves the state if there is room for it. If not, the ledger says so and what follows, and null is returned. */
  async saveIfRoom(state: TrainingState, next: string): Promise<string | null> {
    try {
      return await this.save(state);
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.warn(state.step, error, next);
      return null;
    }
  }

  /**
   * Saves what the run cannot go on without, for as long as that takes within the patience: the ledger says what is waited for.
   * null: the run is to be left, and there was no room until then.
   * @throws AppError `disk-full` when the patience is over
   */
  async saveWaiting(state: TrainingState, what: string): Promise<string | null> {
    const { reporter, signal, patience = usualPatience } = this.parts;
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      try {
        const weightsSha256 = await this.save(state);
        if (tries > 1) {
          const message = `There is room again: ${what} was saved after ${tries} tries.`;
          await reporter.event(`room-again:${state.step}`, 'checkpoint', state.step, message, { tries });
        }
        return weightsSha256;
      } catch (error) {
        if (!isFull(error) || performance.now() - began > patience.forMs) throw error;
        if (tries === 1) {
          const minutes = Math.ceil(patience.forMs / 60_000);
          await this.warn(
            state.step,
            error,
            `The run waits for space to save ${what}, and fails if there is none within ${minutes} minute${minutes === 1 ? '' : 's'}.`,
          );
        }
      }
      if (signal?.aborted) return null;
      await sleep(patience.retryEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async warn(step: number, error: AppError, next: string): Promise<void> {
    const { context, reporter } = this.parts;
    const lastGood = (await context.store.listCheckpoints(context.spec.runId)).at(-1) ?? null;
    const stands = lastGood === null ? 'There is no checkpoint yet.' : `That of step ${lastGood} stands.`;
    const message = `The checkpoint of step ${step} could not be written: ${error.message} ${stands} ${next}`;
    await reporter.event(`disk-full:${step}`, 'warning', step, message, { code: error.code, lastGood });
  }
}

const isFull = (error: unknown): error is AppError => error instanceof AppError && error.code === 'disk-full';

import { setImmediate } from 'node:timers/promises';
import { GenerationEnded, type ProcessGroup, shardSlices, subtrees } from '@regatta/collective';
import type { RunSpec } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import { evaluate } from './evaluate.js';
import { LocalSteps, localStepsOf } from './local-steps.js';
import type { RankMemory } from './memory.js';
import type { Report } from './report.js';
import type { FullDiskPatience } from './saver.js';
import { formatOf } from './shard-sums.js';
import { EveryStep } from './stepping.js';
import type { PreparedTask } from './task.js';
import { TrainingRun } from './training-run.js';

/** Why and how a run is left before its end; the reason of the abort signal. */
export interface StopRequest {
  reason: 'cancel' | 'pause' | 'drain';
  /** Whether what is trained by then is saved. */
  checkpoint: boolean;
}

/** What a rank is doing; whatever it does not name belongs to the step before. */
export type TrainActivity = 'computing' | 'exchanging' | 'evaluating' | 'saving';

export interface TrainOptions {
  spec: RunSpec;
  group: ProcessGroup;
  store: ArtifactStore;
  /** Made ready by the task's handler; its weights are set here. */
  task: PreparedTask;
  /** What this trainer kept of the run's earlier generations. */
  memory: RankMemory;
  /**
   * Where no rank holds the run's state: step of the checkpoint to go on from; null: from the beginning. 'held': some rank does, or it is an
   * error.
   */
  resume: number | null | 'held';
  report: Report;
  /**
   * Resolves when everything reported so far is kept for good. A checkpoint is written only then: a run that goes on from it tells nothing
   * again of the steps before, so what was lost on the way would be a gap for ever.
   */
  reported: () => Promise<void>;
  /** Called after every step that is applied. */
  onStep?: (step: number) => void;
  /** Called when the rank turns to something else. */
  onActivity?: (activity: TrainActivity) => void;
  /** Called when a step's computation begins, within the time that is measured of it. */
  onCompute?: () => void;
  /** Called after every micro-batch: a step is under way, however long it takes. */
  onMicroBatch?: () => void;
  /** Aborted with a StopRequest: the run is left within one step. */
  signal?: AbortSignal;
  /** While the disk is full: for how long and how often the last checkpoint is tried. Default: every 5 s for 10 minutes. */
  fullDiskPatience?: FullDiskPatience;
  /** Of the engine on this machine, and of the code: noted in checkpoints. */
  fingerprint: string;
  codeVersion: string;
}

export type TrainOutcome =
  | { kind: 'finished'; step: number; weightsSha256: string }
  | { kind: 'stopped'; step: number; weightsSha256: string | null };

/**
 * One rank's training, from its first or its resumed step to the end of the run. Every rank of the group calls it alike; the losses and
 * weights are bit for bit the same for every world size.
 * @throws GenerationEnded where another rank was lost; AppError `not-finite` where training has diverged
 */
export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const { group, task, signal } = options;
  const run = await TrainingRun.open(options);
  await group.agree('plan', run.planHash);
  const blocks = subtrees(shardSlices(run.shards, group.worldSize)[group.rank], run.shards);
  const { config } = options.spec;
  const stepping =
    localStepsOf(config) > 1
      ? new LocalSteps(options, run.rate)
      : new EveryStep(options, run.rate, formatOf(config, task.space));
  try {
    if (await run.owesEvaluation()) await evaluateNow(run, options);
    if (run.owesCheckpoint) await saveNow(run, options);
    while (!run.complete) {
      // the engine blocks this thread: without this pause no message would ever be heard
      await setImmediate();
      if (signal?.aborted) return await leave(run, options);

      options.onActivity?.('computing');
      const step = run.next();
      options.onCompute?.();
      const parts = await stepping.compute(step, blocks, options.onMicroBatch);
      step.computed();
      options.onActivity?.('exchanging');
      step.reduced(await group.allReduce(step.number, parts, task.space.reduced));
      await run.reportStep(step, run.update(step, stepping));

      if (run.evaluationIsDue) await evaluateNow(run, options);
      if (run.owesCheckpoint) await saveNow(run, options);
    }
    options.onActivity?.('saving');
    return (await run.finish()) ?? (await leave(run, options));
  } catch (error) {
    // another rank heard the request to stop first and has left; this one's last step is complete too
    if (error instanceof GenerationEnded && signal?.aborted) return leave(run, options);
    throw error;
  }
}

async function saveNow(run: TrainingRun, { onActivity }: TrainOptions): Promise<void> {
  onActivity?.('saving');
  await run.saveCheckpoint();
}

async function evaluateNow(run: TrainingRun, { task, group, onActivity }: TrainOptions): Promise<void> {
  onActivity?.('evaluating');
  if (task.evaluation) await run.reportEvaluation(await evaluate(task.evaluation, group, run.shards, task.sums));
}

/**
 * Leaves the run after its last complete step. On `drain` whoever goes saves the state: the others hold it too, but they may be leaving as
 * well. On `cancel` and `pause` rank 0 does.
 */
async function leave(run: TrainingRun, { group, signal, onActivity }: TrainOptions): Promise<TrainOutcome> {
  const request = signal?.reason as StopRequest;
  const saves = request.checkpoint && run.state.step > 0 && (request.reason === 'drain' || group.rank === 0);
  onActivity?.('saving');
  const weightsSha256 = saves ? await run.saveLast() : null;
  await group.abort(request.reason);
  return { kind: 'stopped', step: run.state.step, weightsSha256 };
}

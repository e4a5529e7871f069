import { GenerationEnded } from '@regatta/collective';
import { AppError, metric, type SampleKind } from '@regatta/contracts';
import { type CheckpointContext, restoreCheckpoint, weightsSha256 } from './checkpoint.js';
import { prefixed, Reporter, validationMetrics } from './report.js';
import { tellResumed } from './resumed.js';
import { NoRoomToHandOver, Saver } from './saver.js';
import { learningRate } from './schedule.js';
import { readSums } from './shard-sums.js';
import { initialState, noteEvaluation, stopsEarly, type TrainingState } from './state.js';
import { StepUnderWay } from './step-under-way.js';
import type { EpochWork, EvaluationReport } from './task.js';
import type { TrainOptions, TrainOutcome } from './train.js';

/** So many steps in a row without a finite gradient end the run. */
const mostSkippedInARow = 10;

/** What a rank knows of its run besides the weights: the position, the plan, when something is due, and how it is told. */
export class TrainingRun {
  readonly shards: number;
  private plan: EpochWork;
  /** Which epoch `plan` is of. */
  private planned: number;
  /** Steps of the whole run: maxSteps, or maxEpochs times the steps of the first epoch (epochs differ by a few steps at most). */
  private readonly totalSteps: number;
  private readonly reporter: Reporter;
  private readonly saver: Saver;

  private constructor(
    private readonly options: TrainOptions,
    readonly state: TrainingState,
  ) {
    const { config } = options.spec;
    this.shards = config.distributed.logicalShards;
    const first = options.task.epoch(0);
    this.plan = state.epoch === 0 ? first : options.task.epoch(state.epoch);
    this.planned = state.epoch;
    this.totalSteps = config.training.maxSteps ?? (config.training.maxEpochs as number) * first.steps;
    const { generation, rank } = options.group;
    this.reporter = new Reporter(options.spec, generation, rank, this.totalSteps, options.report, options.memory);
    options.memory.state = state;
    this.saver = new Saver({
      context: checkpointContext(options),
      reporter: this.reporter,
      reported: options.reported,
      patience: options.fullDiskPatience,
      signal: options.signal,
    });
  }

  /**
   * The state that the generation goes on from. Where ranks hold the run's state, the newest counts: rank 0 has it (start.lua), tells again
   * what an earlier rank 0 may not have, and hands the state to those who are behind or new, as a checkpoint. Where nobody does, all read
   * the newest checkpoint, or start with new weights.
   */
  static async open(options: TrainOptions): Promise<TrainingRun> {
    const { group, memory } = options;
    const held = (await group.gather('state', String(memory.state?.step ?? -1))).map(Number);
    const newest = Math.max(...held);
    if (newest < 0) {
      if (options.resume === 'held') {
        throw new AppError('internal', 'No rank holds the state that the generation was to go on from.', {
          next: 'The run goes back to its newest checkpoint.',
          retryable: true,
        });
      }
      return TrainingRun.fromCheckpoint(options, options.resume);
    }
    if (group.rank === 0) {
      for (const entry of memory.entries()) await options.report(entry);
      if (held.some((step) => step < newest)) {
        const holders = held.filter((step) => step === newest).length;
        await new TrainingRun(options, memory.state as TrainingState).handOver(holders);
      }
    }
    await group.barrier('handover');
    if (memory.state?.step === newest) return new TrainingRun(options, memory.state);
    return TrainingRun.fromCheckpoint(options, newest);
  }

  /** New weights, or those of a checkpoint. A resumed run tells its last step again, so that a reporter's death leaves no gap. */
  private static async fromCheckpoint(options: TrainOptions, step: number | null): Promise<TrainingRun> {
    if (step === null) {
      options.task.initialize();
      const run = new TrainingRun(options, initialState());
      if (options.group.rank === 0) await run.reportWarnings();
      return run;
    }
    const restored = await restoreCheckpoint(checkpointContext(options), step);
    const run = new TrainingRun(options, restored.state);
    if (options.group.rank === 0) await tellResumed(run.reporter, options, restored, run.epochs);
    run.saver.restored(restored.saved);
    return run;
  }

  /** Of all that the ranks must have computed alike before they start. */
  get planHash(): string {
    return `${this.state.step} ${this.state.epoch} ${this.state.index} ${this.plan.hash}`;
  }

  get complete(): boolean {
    return this.state.step >= this.totalSteps || stopsEarly(this.state, this.options.spec.config);
  }

  get evaluationIsDue(): boolean {
    return this.state.step === this.totalSteps || this.state.step % this.training.evaluateEvery === 0;
  }

  /**
   * Whether the step that a generation starts from was still to be evaluated: it may have ended in between, and not for every rank at the
   * same moment. All ranks evaluate then; those that had done so find the same numbers.
   */
  async owesEvaluation(): Promise<boolean> {
    const { group, task } = this.options;
    const { step, lastEvaluation } = this.state;
    const done = await group.gather('evaluated', String(lastEvaluation?.step === step));
    return step > 0 && task.evaluation !== null && this.evaluationIsDue && done.includes('false');
  }

  /** The end's is left to `finish`. */
  get owesCheckpoint(): boolean {
    const { step } = this.state;
    const due = !this.complete && step % this.training.checkpointEvery === 0;
    return this.options.group.rank === 0 && step > 0 && due && !this.saver.has(step);
  }

  /** The step after the last complete one. */
  next(): StepUnderWay {
    const { state } = this;
    if (this.planned !== state.epoch) {
      this.plan = this.options.task.epoch(state.epoch);
      this.planned = state.epoch;
    }
    const number = state.step + 1;
    const epoch = state.epoch + (state.index + 1) / this.plan.steps;
    return new StepUnderWay(number, epoch, this.plan.step(state.index, number), this.options.task.space);
  }

  /**
   * Applies the reduced gradient. One that is not finite completes the step but changes nothing, neither weights nor moments nor Adam's
   * count: every rank reads it from the same vector.
   * @throws AppError `not-finite` after ten such steps in a row
   */
  update(step: StepUnderWay): void {
    const { state } = this;
    const { space, sums: names } = this.options.task;
    const { optimizer } = this.options.spec.config;
    const sums = readSums(space, space.g, names);
    const rate = learningRate(step.number, this.totalSteps, optimizer);
    const { gradNorm, applied } = Object.values(sums).every(Number.isFinite)
      ? space[optimizer.type](space.g, { ...optimizer, step: state.updates + 1, learningRate: rate })
      : { gradNorm: Number.NaN, applied: false };
    state.step = step.number;
    state.index += 1;
    if (state.index === this.plan.steps) {
      state.epoch += 1;
      state.index = 0;
    }
    state.updates += applied ? 1 : 0;
    state.skipped += applied ? 0 : 1;
    state.skippedInARow = applied ? 0 : state.skippedInARow + 1;
    state.lastMetrics = finiteOnly({
      ...prefixed('train', step.work.metrics(sums)),
      [metric.gradNorm]: gradNorm,
      [metric.learningRate]: rate,
    });
  }

  /** Rank 0 tells the step's metrics, every rank its costs. */
  async reportStep(step: StepUnderWay): Promise<void> {
    const { state } = this;
    const { rank } = this.options.group;
    const costs = { ...this.reporter.rankCosts(step.costs), ...this.reporter.rankParts(step.number, step.parts) };
    const shared = { ...state.lastMetrics, [metric.tokensPerSecond]: step.tokensPerSecond };
    await this.reporter.metrics(state.step, step.epoch, rank === 0 ? { ...shared, ...costs } : shared);
    if (rank !== 0) await this.reporter.ownMetrics(state.step, step.epoch, costs);
    this.options.onStep?.(state.step);
    if (state.skippedInARow === 0) return;
    await this.reporter.event(
      `not-finite:${state.step}`,
      'warning',
      state.step,
      `Step ${state.step} changed nothing: its gradient was not finite (${state.skippedInARow} in a row).`,
    );
    if (state.skippedInARow < mostSkippedInARow) return;
    throw new AppError(
      'not-finite',
      `The gradient was not finite ${mostSkippedInARow} steps in a row, up to step ${state.step}.`,
      {
        next: 'Start again with a lower learning rate, a longer warm-up or a smaller clipNorm.',
      },
    );
  }

  async reportEvaluation({ metrics, samples = {} }: EvaluationReport): Promise<void> {
    noteEvaluation(this.state, this.options.spec.config, metrics);
    const baselines = this.options.task.evaluation?.baselines ?? {};
    await this.reporter.metrics(this.state.step, this.epochs, validationMetrics(metrics, baselines));
    for (const [kind, data] of Object.entries(samples)) {
      await this.reporter.samples(this.state.step, kind as SampleKind, data);
    }
  }

  /** A checkpoint that is due. While the disk is full the run goes on without it, and tries again when the next one is due. */
  async saveCheckpoint(): Promise<void> {
    const { checkpointEvery } = this.training;
    await this.saver.saveIfRoom(this.state, `The run goes on, and tries again within ${checkpointEvery} steps.`);
  }

  /** Saves the state before the run is left; null where the disk is full: who goes on later does so from what was saved before. */
  saveLast(): Promise<string | null> {
    return this.saver.saveIfRoom(
      this.state,
      'The run is left without it: steps after the last one are computed again.',
    );
  }

  /**
   * Saves the state for ranks that are behind or new. While the disk is full the gang does not wait for that if the `holders` of the state are
   * enough to train: this generation ends, and the coordinator puts the others off. Else it cannot go on without them.
   */
  private async handOver(holders: number): Promise<void> {
    const { group, spec } = this.options;
    if (holders >= spec.config.distributed.minWorkers) {
      const next = 'The gang goes on without the workers that need it; they are taken in when there is room.';
      if ((await this.saver.saveIfRoom(this.state, next)) === null) throw new NoRoomToHandOver(group.generation);
      return;
    }
    if ((await this.saver.saveWaiting(this.state, 'the state that ranks which are new or behind need')) !== null)
      return;
    await group.abort('the run is left before its state could be handed over');
    throw new GenerationEnded(group.generation, 'the run is left before its state could be handed over');
  }

  /**
   * The end: the last checkpoint becomes the run's model. All ranks have the same weights, or it is an error. null: the run is to be left,
   * and the disk was full until then.
   */
  async finish(): Promise<TrainOutcome | null> {
    const { group, task } = this.options;
    const weights = weightsSha256(task.space);
    await group.agree('weights', weights);
    if (group.rank === 0) {
      if ((await this.saver.saveWaiting(this.state, 'the finished model')) === null) return null;
      if (task.modelConfig) {
        await this.reporter.model({
          step: this.state.step,
          weightsSha256: weights,
          parameters: task.parameters,
          config: task.modelConfig,
          metrics: {
            ...this.state.lastMetrics,
            ...validationMetrics(this.state.lastEvaluation?.metrics ?? {}, task.evaluation?.baselines ?? {}),
          },
        });
      }
    }
    // whoever is lost before the model is told sends all back to the last checkpoint
    await group.barrier('finished');
    return { kind: 'finished', step: this.state.step, weightsSha256: weights };
  }

  private get training() {
    return this.options.spec.config.training;
  }

  /** Passes over the data so far. */
  private get epochs(): number {
    return this.state.epoch + this.state.index / this.plan.steps;
  }

  private async reportWarnings(): Promise<void> {
    for (const [i, message] of (this.options.task.warnings ?? []).entries()) {
      await this.reporter.event(`data:${i}`, 'warning', 0, message);
    }
  }
}

const checkpointContext = ({ spec, store, task, fingerprint, codeVersion }: TrainOptions): CheckpointContext => ({
  spec,
  store,
  task,
  fingerprint,
  codeVersion,
});

const finiteOnly = (values: Record<string, number>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number.isFinite(value) ? value : null]));

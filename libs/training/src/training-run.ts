import { GenerationEnded } from '@regatta/collective';
import { AppError, metric, type SampleKind } from '@regatta/contracts';
import { type CheckpointContext, restoreCheckpoint, weightsSha256 } from './checkpoint.js';
import { dueWithin, localStepsOf, roundLength } from './local-steps.js';
import { finiteOnly, Reporter, validationMetrics } from './report.js';
import { tellResumed } from './resumed.js';
import { NoRoomToHandOver, Saver } from './saver.js';
import { learningRate } from './schedule.js';
import { initialState, noteEvaluation, stopsEarly, type TrainingState } from './state.js';
import { StepUnderWay } from './step-under-way.js';
import type { RateOf, Stepping } from './stepping.js';
import { StepsOfPlan } from './steps-of-plan.js';
import type { EvaluationReport } from './task.js';
import type { TrainOptions, TrainOutcome } from './train.js';

/** So many exchanges in a row without a finite gradient end the run. */
const mostSkippedInARow = 10;

/** What a rank knows of its run besides the weights: the position, the plan, when something is due, and how it is told. */
export class TrainingRun {
  readonly shards: number;
  private readonly plan: StepsOfPlan;
  private readonly localSteps: number;
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
    this.localSteps = localStepsOf(config);
    this.plan = new StepsOfPlan(options.task);
    this.totalSteps = config.training.maxSteps ?? (config.training.maxEpochs as number) * this.plan.epoch(0).steps;
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
    const { step, epoch, index } = this.state;
    return `${step} ${epoch} ${index} ${this.plan.epoch(epoch).hash}`;
  }

  get complete(): boolean {
    return this.state.step >= this.totalSteps || stopsEarly(this.state, this.options.spec.config);
  }

  get evaluationIsDue(): boolean {
    const { step } = this.state;
    return step === this.totalSteps || dueWithin(step, this.training.evaluateEvery, this.localSteps);
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
    const due = !this.complete && dueWithin(step, this.training.checkpointEvery, this.localSteps);
    return this.options.group.rank === 0 && step > 0 && due && !this.saver.has(step);
  }

  /** Of each step of this run. */
  readonly rate: RateOf = (step) => learningRate(step, this.totalSteps, this.options.spec.config.optimizer);

  /** The step after the last complete one, or a round of them. */
  next(): StepUnderWay {
    const { state, localSteps, totalSteps } = this;
    const count = roundLength(state.step, localSteps, totalSteps);
    const { steps, behind } = this.plan.take(state.step, state, count);
    return new StepUnderWay(steps, behind, state.updates, this.options.task.space);
  }

  /**
   * Applies what was reduced. What is not finite completes the step but changes nothing, neither weights nor moments nor Adam's count.
   * Gives the metrics of each step.
   * @throws AppError `not-finite` after ten such exchanges in a row
   */
  update(under: StepUnderWay, stepping: Stepping): Record<string, number | null>[] {
    const { state } = this;
    const { applied, metrics } = stepping.apply(under);
    const told = metrics.map(finiteOnly);
    const count = told.length;
    Object.assign(state, under.behind);
    state.step = under.number;
    state.updates += applied ? count : 0;
    state.skipped += applied ? 0 : count;
    state.skippedInARow = applied ? 0 : state.skippedInARow + 1;
    state.lastMetrics = told[count - 1];
    return told;
  }

  /** Rank 0 tells the step's metrics, every rank its costs. */
  async reportStep(under: StepUnderWay, metrics: readonly Record<string, number | null>[]): Promise<void> {
    const { state, reporter } = this;
    const { rank } = this.options.group;
    const { number, epoch } = under.last;
    const costs = { ...reporter.rankCosts(under.costs), ...reporter.rankParts(under.steps, under.parts) };
    for (const [i, step] of under.steps.slice(0, -1).entries()) {
      await reporter.metrics(step.number, step.epoch, metrics[i]);
    }
    const shared = { ...metrics[metrics.length - 1], [metric.tokensPerSecond]: under.tokensPerSecond };
    await reporter.metrics(number, epoch, rank === 0 ? { ...shared, ...costs } : shared);
    if (rank !== 0) await reporter.ownMetrics(number, epoch, costs);
    this.options.onStep?.(number);
    if (state.skippedInARow === 0) return;
    const rounds = this.localSteps > 1;
    const what = rounds ? `The round of steps ${under.steps[0].number} to ${number}` : `Step ${number}`;
    await reporter.event(
      `not-finite:${number}`,
      'warning',
      number,
      `${what} changed nothing: ${rounds ? 'a' : 'its'} gradient was not finite (${state.skippedInARow} in a row).`,
    );
    if (state.skippedInARow < mostSkippedInARow) return;
    throw new AppError(
      'not-finite',
      `The gradient was not finite ${mostSkippedInARow} ${rounds ? 'rounds' : 'steps'} in a row, up to step ${number}.`,
      { next: 'Start again with a lower learning rate, a longer warm-up or a smaller clipNorm.' },
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
    return this.plan.passes(this.state);
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

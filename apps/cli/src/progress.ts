import { baselineOf, metric, type Run, type StreamMetric } from '@regatta/contracts';
import { count, decimal, duration, percent, plural } from './format.js';

/** Steps over which what is shown is averaged: single steps jump too much to read. */
const averagedSteps = 20;

/** What is known of a run from its stream so far, in words for one line. */
export class RunProgress {
  #recent = new Map<string, number[]>();
  #last = new Map<string, number | null>();
  #stepTimes: { step: number; at: number }[] = [];

  /** The loss of every step so far, in order. */
  readonly losses: number[] = [];

  constructor(public run: Run) {}

  /** A point of the stream: the run itself is told anew only when its status changes. */
  add({ name, step, value, time }: StreamMetric): void {
    if (name === metric.trainLoss)
      this.#stepTimes = [...this.#stepTimes, { step, at: Date.parse(time) }].slice(-averagedSteps);
    this.#last.set(name, value);
    if (value === null) return;
    if (name === metric.trainLoss) this.losses.push(value);
    const recent = this.#recent.get(name) ?? [];
    recent.push(value);
    if (recent.length > averagedSteps) recent.shift();
    this.#recent.set(name, recent);
  }

  last(name: string): number | null {
    return this.#last.get(name) ?? this.run.metrics[name] ?? null;
  }

  average(name: string): number | null {
    const recent = this.#recent.get(name) ?? [];
    return recent.length === 0 ? this.last(name) : recent.reduce((sum, value) => sum + value, 0) / recent.length;
  }

  get step(): number {
    return Math.max(this.run.progress.step, this.#stepTimes.at(-1)?.step ?? 0);
  }

  /** Seconds to the end at the pace of the last steps; null before there is one. */
  get secondsLeft(): number | null {
    const { maxSteps } = this.run.progress;
    const [first, last] = [this.#stepTimes[0], this.#stepTimes.at(-1)];
    if (maxSteps === null || !first || !last || last.step <= first.step) return this.run.progress.etaSeconds;
    return ((maxSteps - last.step) * (last.at - first.at)) / 1000 / (last.step - first.step);
  }

  /** `step 120/2400 · loss 6.911 · masked accuracy 8.1 % · 12,340 tokens/s · 2 workers · 3m left` */
  line(): string {
    const { progress, status, workers } = this.run;
    if (status !== 'running') return `${status}, step ${this.step}${ofSteps(progress.maxSteps)}`;
    return [
      `step ${this.step}${ofSteps(progress.maxSteps)}`,
      `loss ${decimal(this.average(metric.trainLoss))}`,
      ...this.accuracy(),
      `${count(this.average(metric.tokensPerSecond))} tokens/s`,
      plural(workers.length, 'worker'),
      `${duration(this.secondsLeft)} left`,
    ].join(' · ');
  }

  /** Of the tasks that have one. */
  private accuracy(): string[] {
    const masked = this.average(metric.trainMlmAccuracy);
    if (masked !== null) return [`masked accuracy ${percent(masked)}`];
    const accuracy = this.average('train.accuracy');
    return accuracy === null ? [] : [`accuracy ${percent(accuracy)}`];
  }

  /** The held-out metrics beside what the trivial baseline reaches: a model that has learnt nothing but frequencies. */
  evaluation(): string {
    const pair = (label: string, name: string, baseline: string) =>
      `${label} ${decimal(this.last(name))} (${baseline} ${decimal(this.last(baselineOf(name)))})`;
    if (this.last(metric.validationMlmLoss) !== null)
      return [
        pair('masked words', metric.validationMlmLoss, 'unigram floor'),
        pair('next sentence', metric.validationNspLoss, 'guessing'),
      ].join(' · ');
    return [...this.#last.keys()]
      .filter((name) => isEvaluated(name) && !name.startsWith('validation.baseline.'))
      .map((name) => {
        const label = name.replace(/^validation\./, '');
        return this.last(baselineOf(name)) === null
          ? `${label} ${decimal(this.last(name))}`
          : pair(label, name, 'baseline');
      })
      .join(' · ');
  }
}

/** Whether a metric comes from an evaluation. */
export const isEvaluated = (name: string): boolean => name.startsWith('validation.');

const ofSteps = (maxSteps: number | null): string => (maxSteps === null ? '' : `/${maxSteps}`);

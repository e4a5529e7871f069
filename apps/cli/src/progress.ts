import type { Run } from '@regatta/contracts';
import { baselineOf, metric } from '@regatta/contracts';
import { count, decimal, duration, percent, plural } from './format.js';

/** Steps over which what is shown is averaged: single steps jump too much to read. */
const averagedSteps = 20;

/** What is known of a run from its stream so far, in words for one line. */
export class RunProgress {
  #recent = new Map<string, number[]>();
  #last = new Map<string, number | null>();

  constructor(public run: Run) {}

  add(name: string, value: number | null): void {
    this.#last.set(name, value);
    if (value === null) return;
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
    return this.run.progress.step;
  }

  /** `step 120/2400 · loss 6.911 · masked accuracy 8.1 % · 12,340 tokens/s · 2 workers · 3m left` */
  line(): string {
    const { progress, status, workers } = this.run;
    if (status !== 'running') return `${status}, step ${progress.step}${ofSteps(progress.maxSteps)}`;
    return [
      `step ${progress.step}${ofSteps(progress.maxSteps)}`,
      `loss ${decimal(this.average(metric.trainLoss))}`,
      `masked accuracy ${percent(this.average(metric.trainMlmAccuracy))}`,
      `${count(this.average(metric.tokensPerSecond))} tokens/s`,
      plural(workers.length, 'worker'),
      `${duration(progress.etaSeconds)} left`,
    ].join(' · ');
  }

  /** The held-out losses beside what a model reaches that has learnt nothing but frequencies. */
  evaluation(): string {
    const pair = (label: string, name: string, baseline: string) =>
      `${label} ${decimal(this.last(name))} (${baseline} ${decimal(this.last(baselineOf(name)))})`;
    return [
      pair('masked words', metric.validationMlmLoss, 'unigram floor'),
      pair('next sentence', metric.validationNspLoss, 'guessing'),
    ].join(' · ');
  }
}

const ofSteps = (maxSteps: number | null): string => (maxSteps === null ? '' : `/${maxSteps}`);

import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { childEnvironment } from '@regatta/config';
import { AppError, type ErrorCode, type InferenceJob } from '@regatta/contracts';
import type { Logger } from 'pino';
import { fromPredictor, type ToPredictor } from '../ipc.js';
import { giveWay } from './niceness.js';

export type PredictorSettings = Omit<Extract<ToPredictor, { type: 'configure' }>, 'type'>;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: AppError): void;
}

/** A child process that asks models. Started when it is first needed; one that dies is replaced by the next prediction. */
export class PredictorProcess {
  private child: ChildProcess | null = null;
  private readonly waiting = new Map<string, Waiting>();

  constructor(
    private readonly module: string,
    private readonly settings: PredictorSettings,
    private readonly log: Logger,
    /** Added to the worker's own nice value. */
    private readonly niceness: number,
  ) {}

  /** @throws AppError as the predictor threw it; 'unavailable' (retryable) if it died over the work */
  infer(job: InferenceJob): Promise<unknown> {
    const child = this.child ?? this.start();
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      send(child, { type: 'infer', id, job });
    });
  }

  /** Ends the child; predictions under way fail with 'unavailable'. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child) {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await closed;
    }
  }

  private start(): ChildProcess {
    const child = fork(this.module, ['predictor'], {
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) {
        createInterface({ input: stream }).on('line', (line) =>
          this.log.info({ source: 'predictor', pid: child.pid }, line),
        );
      }
    }
    giveWay(child, this.niceness);
    child.on('message', (raw) => this.hear(raw));
    child.once('error', (error) => this.gone(child, error.message));
    child.once('close', (code, signal) => this.gone(child, signal ?? `exit code ${code}`));
    const { artifactsUrl, engine, threads, logLevel } = this.settings;
    send(child, { type: 'configure', artifactsUrl, engine, threads, logLevel });
    return child;
  }

  private hear(raw: unknown): void {
    const answer = fromPredictor.parse(raw);
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.type === 'result') {
      waiting?.resolve(answer.result);
    } else {
      const { code, message, retryable, errors } = answer;
      waiting?.reject(new AppError(code as ErrorCode, message, { retryable, errors }));
    }
  }

  private gone(child: ChildProcess, how: string): void {
    if (this.child !== child) {
      return;
    }
    this.child = null;
    if (this.waiting.size > 0) {
      this.log.warn({ how, predictions: this.waiting.size }, 'the predictor died');
    }
    for (const { reject } of this.waiting.values()) {
      reject(new AppError('unavailable', `the predictor died: ${how}`, { next: 'Try again.', retryable: true }));
    }
    this.waiting.clear();
  }
}

const send = (child: ChildProcess, message: ToPredictor): void => {
  // An error here means that the child is gone, which its `close` event tells everyone who waits.
  child.send(message, () => undefined);
};

import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from '@regatta/config';
import type { Logger } from 'pino';
import { type FromTrainer, fromTrainer, type ToTrainer } from '../ipc.js';
import { mallocSettings } from './malloc-settings.js';
import { MemoryShortage } from './memory-shortage.js';
import { outOfMemory } from './micro-batch.js';
import { giveWay, niceness } from './niceness.js';
import { ProcessorAccount } from './processor-account.js';
import type { Outcome } from './reports.js';
import { type Overdue, StepDeadline } from './step-deadline.js';

/** How long a trainer may take to exit after its last word. */
const exitMs = 10_000;
/** How long it may take to say that it has left a generation that has ended: a step under way blocks it until it is computed. */
const leaveMs = 60_000;
/** How often it is looked at whether the trainer hangs; a gap of more than `gapMs` between two looks means that this process itself was away. */
const lookMs = 250;
const gapMs = 1500;

export interface TrainerListener {
  prepared(): void;
  /** Which rank it is at the moment. */
  rank(): number | null;
  entry(seq: number, entry: unknown): void;
  progress(step: number): void;
}

/** The trainer has left a generation, with the state of `step`, and can be started in the next one. */
export interface LeftGeneration {
  outcome: 'ended';
  reason: string;
  step: number | null;
  /** It has ended the generation itself: the disk is too full to hand its state over. */
  noRoom?: boolean;
}

/** Starts the trainer of a rank of this run. */
export type StartTrainer = (runId: string, listener: TrainerListener, log: Logger) => TrainerProcess;

/** @param module path of the trainer's program */
export const startTrainer =
  (module: string): StartTrainer =>
  (runId, listener, log) =>
    new TrainerProcess(module, runId, listener, log);

/** The child process of a rank, through one generation after another. It exits by itself when the channel to this process closes. */
export class TrainerProcess {
  /** How the trainer ended: its last word, or else that it exited without one. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Resolves when there is no process any more. */
  readonly exited: Promise<void>;
  private readonly child: ChildProcess;
  private doomed: NodeJS.Timeout | undefined;
  private leaving: NodeJS.Timeout | undefined;
  private readonly deadline = new StepDeadline(performance.now());
  private readonly looking: NodeJS.Timeout;
  private lookedAt = performance.now();
  private readonly processors: ProcessorAccount;
  /** That it hung, and was ended for it. */
  private hung: Overdue | null = null;
  private readonly shortage = new MemoryShortage();
  /** This process has ended it. */
  private killed = false;
  private left: (word: LeftGeneration) => void = () => undefined;

  constructor(
    module: string,
    runId: string,
    listener: TrainerListener,
    private readonly log: Logger,
  ) {
    this.child = fork(module, ['trainer', runId], {
      env: childEnvironment(mallocSettings),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Of all that Node can be started with, nothing (inspector ports above all) is meant for the child as well.
      execArgv: [],
    });
    giveWay(this.child, niceness.trainer);
    // one that could not be started has no pid, and nothing to account for
    this.processors = new ProcessorAccount(this.child.pid ?? 0);
    relayOutput(this.child, log, listener, (line) => this.shortage.heard(line));
    this.looking = setInterval(() => this.look(), lookMs);
    this.exited = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.outcome = new Promise((resolve) => {
      this.child.on('message', (raw) => {
        const last = this.hear(raw, listener);
        if (last) {
          resolve(last);
          this.mustExit();
        }
      });
      this.child.once('error', (error) => {
        clearInterval(this.looking);
        resolve(unexpected(`it could not be started: ${error.message}`));
      });
      this.child.once('close', (code, signal) => {
        clearTimeout(this.doomed);
        clearTimeout(this.leaving);
        clearInterval(this.looking);
        if (this.hung) {
          resolve({ ...unexpected(this.hung.cause), silentMs: this.hung.silentMs });
          return;
        }
        const shortage = this.shortage.explains(code, signal, this.killed);
        if (shortage) resolve({ ...unexpected(`out of memory: ${shortage}`), code: outOfMemory });
        resolve(unexpected(signal ? `its trainer was ended by ${signal}` : `its trainer exited with code ${code}`));
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: ToTrainer): void {
    // Not connected: it has exited or is about to, and `outcome` says so.
    if (this.child.connected) {
      this.child.send(message, (error) => error && this.log.debug({ error: error.message }, 'the trainer is gone'));
    }
  }

  /** How long the computation of a step usually takes it at the moment (ms). */
  get paceMs(): number | undefined {
    return this.deadline.paceMs;
  }

  /** Makes it a rank of a generation. Resolves when that has ended for it, or the process has. */
  start(message: Omit<Extract<ToTrainer, { type: 'start' }>, 'type'>): Promise<Outcome | LeftGeneration> {
    const left = new Promise<LeftGeneration>((resolve) => {
      this.left = resolve;
    });
    this.deadline.restart();
    this.send({ type: 'start', ...message });
    return Promise.race([this.outcome, left]);
  }

  /** Its generation has ended: it gets the reason, and the time to finish what it computes. */
  abort(reason: string): void {
    this.send({ type: 'abort', reason });
    this.leaving ??= setTimeout(() => this.kill(), leaveMs);
  }

  /** It is not needed any more: one that has said its last word exits by itself, any other one is ended. */
  dismiss(): void {
    if (this.doomed === undefined) this.kill();
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.killed = true;
    this.child.kill(signal);
  }

  /** Ends the trainer if it hangs. */
  private look(): void {
    const now = performance.now();
    this.deadline.got(this.processors.since());
    // messages that came while this process was away are heard only after this look
    if (now - this.lookedAt > gapMs) this.deadline.listenAnew(now);
    this.lookedAt = now;
    const overdue = this.deadline.overdue(now);
    if (overdue && !this.hung) {
      this.hung = overdue;
      this.log.warn({ trainer: this.pid, ...overdue }, 'the trainer hangs and is ended');
      this.kill();
    }
  }

  private mustExit(): void {
    this.doomed ??= setTimeout(() => this.kill(), exitMs);
  }

  /** The last word of the trainer, if this message is it. */
  private hear(raw: unknown, listener: TrainerListener): Outcome | null {
    const parsed = fromTrainer.safeParse(raw);
    if (!parsed.success) {
      this.log.error({ raw, error: parsed.error.message }, 'the trainer said something that is not in the protocol');
      this.kill();
      return { ...unexpected('its trainer speaks another protocol'), outcome: 'failed', retryable: false };
    }
    const message = parsed.data;
    switch (message.type) {
      case 'prepared':
        this.log.debug({ ms: message.ms }, 'trainer prepared');
        listener.prepared();
        return null;
      case 'pulse':
        this.deadline.heard(message.activity, performance.now());
        return null;
      case 'entry':
        listener.entry(message.seq, message.entry);
        return null;
      case 'progress':
        listener.progress(message.step);
        return null;
      case 'generation-ended':
        clearTimeout(this.leaving);
        this.leaving = undefined;
        this.left({ outcome: 'ended', reason: message.reason, step: message.step, noRoom: message.noRoom });
        return null;
      default:
        return lastWord(message);
    }
  }
}

function lastWord(message: Extract<FromTrainer, { type: 'finished' | 'stopped' | 'failed' }>): Outcome {
  const said = { step: null, weightsSha256: null, code: 'internal', message: '', retryable: true };
  switch (message.type) {
    case 'finished':
    case 'stopped': {
      const { type, step, weightsSha256 } = message;
      return { ...said, outcome: type, step, weightsSha256, message: `its trainer ${type} at step ${step}` };
    }
    case 'failed':
      return { ...said, outcome: 'failed', code: message.code, message: message.message, retryable: message.retryable };
  }
}

const unexpected = (message: string): Outcome => ({
  outcome: 'exited',
  step: null,
  weightsSha256: null,
  code: 'internal',
  message,
  retryable: true,
});

/** What the child prints goes to the log, a line each. */
function relayOutput(child: ChildProcess, log: Logger, listener: TrainerListener, hear: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) {
      createInterface({ input: stream }).on('line', (line) => {
        hear(line);
        log.info({ source: 'trainer', pid: child.pid, rank: listener.rank() }, line);
      });
    }
  }
}

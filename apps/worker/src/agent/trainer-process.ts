import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from '@regatta/config';
import type { Logger } from 'pino';
import { type FromTrainer, fromTrainer, type ToTrainer } from '../ipc.js';
import { giveWay, niceness } from './niceness.js';
import type { Outcome } from './reports.js';

/**
 * Settings of glibc's malloc for a trainer, found by measurement (ONNX Runtime allocates and frees large tensors every step): keep freed memory
 * and use huge pages, or each step pays the kernel for the same pages again. Other systems ignore them. They work only as an environment variable.
 */
const mallocSettings = {
  GLIBC_TUNABLES: [
    'glibc.malloc.hugetlb=1',
    'glibc.malloc.mmap_threshold=4294967296',
    'glibc.malloc.trim_threshold=8589934592',
  ].join(':'),
};

/** How long a trainer may take to exit after its last word, or after it was told that its generation has ended. */
const exitMs = 10_000;

export interface TrainerListener {
  entry(seq: number, entry: unknown): void;
  progress(step: number): void;
}

/** The child process of one rank. It exits by itself when the channel to this process closes. */
export class TrainerProcess {
  /** How the trainer ended: its last word, or else that it exited without one. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Resolves when there is no process any more. */
  readonly exited: Promise<void>;
  private readonly child: ChildProcess;
  private doomed: NodeJS.Timeout | undefined;

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
    relayOutput(this.child, log);
    this.exited = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.outcome = new Promise((resolve) => {
      this.child.on('message', (raw) => {
        const last = this.hear(raw, listener);
        if (last) {
          resolve(last);
          this.mustExit();
        }
      });
      this.child.once('error', (error) => resolve(unexpected(`it could not be started: ${error.message}`)));
      this.child.once('close', (code, signal) => {
        clearTimeout(this.doomed);
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

  /** Its generation has ended: it gets the reason, and some seconds. */
  abort(reason: string): void {
    this.send({ type: 'abort', reason });
    this.mustExit();
  }

  kill(): void {
    this.child.kill('SIGKILL');
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
        return null;
      case 'entry':
        listener.entry(message.seq, message.entry);
        return null;
      case 'progress':
        listener.progress(message.step);
        return null;
      default:
        return lastWord(message);
    }
  }
}

function lastWord(
  message: Extract<FromTrainer, { type: 'finished' | 'stopped' | 'failed' | 'generation-ended' }>,
): Outcome {
  const said = { step: null, weightsSha256: null, code: 'internal', message: '', retryable: true };
  switch (message.type) {
    case 'finished':
    case 'stopped': {
      const { type, step, weightsSha256 } = message;
      return { ...said, outcome: type, step, weightsSha256, message: `its trainer ${type} at step ${step}` };
    }
    case 'failed':
      return { ...said, outcome: 'failed', code: message.code, message: message.message, retryable: message.retryable };
    case 'generation-ended':
      return { ...said, outcome: 'ended', code: 'generation-ended', message: message.reason };
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
function relayOutput(child: ChildProcess, log: Logger): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) {
      createInterface({ input: stream }).on('line', (line) => log.info({ source: 'trainer', pid: child.pid }, line));
    }
  }
}

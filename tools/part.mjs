import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './paths.mjs';
import { PlainError } from './plain-error.mjs';
import { startOf } from './processes.mjs';

const largestLog = 16 * 1024 * 1024;
/** Restarts wait longer each time; a part that ran this long starts again from the shortest. */
const steady = 60_000;
const longestWait = 15_000;

/** One program of the stack: started, watched, started again when it dies, stopped in time. */
export class Part {
  #child;
  #stopping = false;
  #restarts = 0;

  /**
   * @param {object} options
   * @param {string} options.name also the log's: DATA_DIR/logs/NAME.log
   * @param {number} options.order parts of a lower one start before and stop after
   * @param {string} options.command
   * @param {string[]} options.args
   * @param {Record<string, string>} options.env added to ours
   * @param {string} options.logs folder of the logs
   * @param {() => Promise<boolean>} options.ready whether it serves already
   * @param {number} options.patience ms that it has for stopping
   * @param {(text: string) => void} options.notice told to the person at the terminal
   * @param {() => void} options.changed called when a process came or went
   */
  constructor(options) {
    this.options = options;
    this.name = options.name;
    this.order = options.order;
    this.log = path.join(options.logs, `${options.name}.log`);
  }

  /** Starts it and waits until it is ready. @throws PlainError with the last line it logged, when it ends before that */
  async start({ signal, within = 120_000 }) {
    rotate(this.log);
    this.#spawn();
    const giveUp = Date.now() + within;
    while (!signal.aborted && !(await this.options.ready())) {
      if (this.#child.ended) throw new PlainError(this.#lastWords());
      if (Date.now() > giveUp)
        throw new PlainError(`${this.name} did not become ready in ${within / 1000} s; its log: ${this.log}`);
      await sleep(50);
    }
    // Ready, but not by this process: another program answers at its address.
    if (this.#child.ended) throw new PlainError(this.#lastWords());
    this.#watch();
  }

  /** For the next start, should this process be killed before it can stop its parts. */
  get process() {
    const { pid, start, ended } = this.#child ?? {};
    return pid && !ended ? { pid, start } : undefined;
  }

  async stop() {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.ended) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), this.options.patience);
    if (!child.ended) await once(child, 'ended');
    clearTimeout(timer);
  }

  #spawn() {
    const { command, args, env } = this.options;
    const log = openSync(this.log, 'a', 0o600);
    this.logStart = statSync(this.log).size;
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const end = (why) => {
      if (child.ended) return;
      child.ended = why;
      child.emit('ended');
      this.options.changed();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    child.start = child.pid && startOf(child.pid);
    this.#child = child;
    this.startedAt = Date.now();
    this.options.changed();
  }

  #watch() {
    const child = this.#child;
    const restart = async () => {
      if (this.#stopping) return;
      if (Date.now() - this.startedAt > steady) this.#restarts = 0;
      const wait = this.#restarts === 0 ? 0 : Math.min(longestWait, 500 * 2 ** this.#restarts);
      this.#restarts += 1;
      const when = wait ? `in ${wait / 1000} s` : 'now';
      this.options.notice(`${this.name} ended (${child.ended}); starting it again ${when}. Log: ${this.log}`);
      await sleep(wait);
      if (this.#stopping) return;
      this.#spawn();
      this.#watch();
    };
    if (child.ended) void restart();
    else child.once('ended', restart);
  }

  /** What it said last, for a person: one line of its own log, without a logger's JSON around it. */
  #lastWords() {
    const own = existsSync(this.log) ? readFileSync(this.log).subarray(this.logStart).toString() : '';
    const lines = own.split('\n').filter((line) => line.trim() && !/^\s+at /.test(line));
    const last = lines.findLast((line) => /error|fatal|no space|can't|failed/i.test(line)) ?? lines.at(-1) ?? '';
    if (/no space left on device|ENOSPC/i.test(own))
      return 'The disk is full: free some space, or set DATA_DIR to a folder on another disk.';
    return `${this.name} could not start (${this.#child.ended}): ${message(last)} Its log: ${this.log}`;
  }
}

function message(line) {
  try {
    const { msg, err } = JSON.parse(line);
    return msg ?? err?.message ?? line;
  } catch {
    return line.trim();
  }
}

function rotate(log) {
  if (existsSync(log) && statSync(log).size > largestLog) renameSync(log, `${log}.1`);
}

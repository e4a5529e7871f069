import { readdirSync, readFileSync } from 'node:fs';

/** Of a process, in a span of time (ms): how long a thread of it ran, and how long one was ready to run and had no processor. */
export interface ProcessorTime {
  ranMs: number;
  waitedMs: number;
}

interface Files {
  list(folder: string): string[];
  read(file: string): string;
}

const disk: Files = { list: (folder) => readdirSync(folder), read: (file) => readFileSync(file, 'utf8') };

/**
 * The kernel's account of what a process gets of the processors: `/proc/PID/task/TID/schedstat` has nanoseconds run, nanoseconds waited in
 * the queue, and a count (docs.kernel.org/scheduler/sched-stats.html). Of its threads the one counts that ran, or waited, for longest.
 */
export class ProcessorAccount {
  private before = new Map<string, number[]>();

  constructor(
    private readonly pid: number,
    private readonly files = disk,
  ) {
    this.since();
  }

  /** Since it was last asked; null where the system keeps no such account (not Linux, or the process is gone). */
  since(): ProcessorTime | null {
    const now = new Map<string, number[]>();
    const spent: ProcessorTime = { ranMs: 0, waitedMs: 0 };
    try {
      for (const thread of this.files.list(`/proc/${this.pid}/task`)) {
        const [ran, waited] = this.files.read(`/proc/${this.pid}/task/${thread}/schedstat`).split(' ').map(Number);
        const [ranBefore, waitedBefore] = this.before.get(thread) ?? [0, 0];
        spent.ranMs = Math.max(spent.ranMs, (ran - ranBefore) / 1e6);
        spent.waitedMs = Math.max(spent.waitedMs, (waited - waitedBefore) / 1e6);
        now.set(thread, [ran, waited]);
      }
    } catch {
      return null;
    }
    this.before = now;
    return spent;
  }
}

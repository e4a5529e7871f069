import { readFileSync } from 'node:fs';

/** What V8, the C++ library and Node print before they give up. */
const lastWords = /heap out of memory|bad_alloc|out of memory|Cannot allocate memory/i;

/** Tells whether a child that ended without a word ended for want of memory. Made when it is started. */
export class MemoryShortage {
  private readonly killedBefore = killedByKernel();
  private said = false;

  /** A line that the child has printed. */
  heard(line: string): void {
    if (lastWords.test(line)) this.said = true;
  }

  /**
   * How it ran out of memory, as far as that can be seen from outside; null: it did not.
   * @param ordered this process itself ended it
   */
  explains(code: number | null, signal: NodeJS.Signals | null, ordered: boolean): string | null {
    if ((signal === 'SIGABRT' || code === 134) && this.said) return 'it could not get more memory and gave up';
    const killed = signal === 'SIGKILL' || code === 137;
    return killed && !ordered && killedByKernel() > this.killedBefore
      ? 'the system ran out of memory and ended it'
      : null;
  }
}

/** How many processes the kernel has ended for want of memory: in this process's own control group, where it has one, else on the machine. */
export function killedByKernel(read: (file: string) => string = (file) => readFileSync(file, 'utf8')): number {
  const own = text(read, '/proc/self/cgroup');
  const files = [
    `/sys/fs/cgroup${/^0::(.*)$/m.exec(own)?.[1] ?? ''}/memory.events`,
    '/sys/fs/cgroup/memory.events',
    `/sys/fs/cgroup/memory${/^\d+:memory:(.*)$/m.exec(own)?.[1] ?? ''}/memory.oom_control`,
    '/sys/fs/cgroup/memory/memory.oom_control',
    '/proc/vmstat',
  ];
  for (const file of files) {
    const count = /^oom_kill (\d+)$/m.exec(text(read, file))?.[1];
    if (count) return Number(count);
  }
  return 0;
}

function text(read: (file: string) => string, file: string): string {
  try {
    return read(file);
  } catch {
    return '';
  }
}

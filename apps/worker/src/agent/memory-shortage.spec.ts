import { describe, expect, it } from '@jest/globals';
import { killedByKernel, MemoryShortage } from './memory-shortage.js';

const reader = (files: Record<string, string>) => (file: string) => {
  if (files[file] === undefined) throw new Error('ENOENT');
  return files[file];
};

describe('a shortage of memory', () => {
  it('is seen in what a child printed before it gave up, and not in any other abort', () => {
    const shortage = new MemoryShortage();
    expect(shortage.explains(null, 'SIGABRT', false)).toBeNull();
    shortage.heard('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory');
    expect(shortage.explains(null, 'SIGABRT', false)).toContain('gave up');
    expect(shortage.explains(134, null, false)).toContain('gave up');
    // somebody killed it, and the kernel says that it was not the kernel
    expect(shortage.explains(null, 'SIGKILL', false)).toBeNull();
    expect(shortage.explains(1, null, false)).toBeNull();
  });

  it('that the kernel ended is counted in the own control group, of either version, else on the machine', () => {
    const vmstat = { '/proc/vmstat': 'nr_free 1\noom_kill 9\n' };
    const two = {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/memory.events': 'oom 3\noom_kill 2\n',
      ...vmstat,
    };
    expect(killedByKernel(reader(two))).toBe(2);
    const one = {
      '/proc/self/cgroup': '4:memory:/a\n0::/\n',
      '/sys/fs/cgroup/memory/a/memory.oom_control': 'under_oom 0\noom_kill 5\n',
      ...vmstat,
    };
    expect(killedByKernel(reader(one))).toBe(5);
    expect(killedByKernel(reader(vmstat))).toBe(9);
    expect(killedByKernel(reader({}))).toBe(0);
  });
});

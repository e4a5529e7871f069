import { describe, expect, it } from '@jest/globals';
import { ProcessorAccount } from './processor-account.js';

describe('the account of a process', () => {
  it('has what its busiest thread ran and its most hindered one waited since the last look', () => {
    let threads: Record<string, string> = { 7: '1000000000 50000000 12', 8: '200000000 0 3' };
    const account = new ProcessorAccount(7, {
      list: (folder) => (folder === '/proc/7/task' ? Object.keys(threads) : []),
      read: (file) => threads[/^\/proc\/7\/task\/(\d+)\/schedstat$/.exec(file)?.[1] ?? ''],
    });
    threads = { 7: '1010000000 290000000 14', 8: '400000000 30000000 5' };
    expect(account.since()).toEqual({ ranMs: 200, waitedMs: 240 });
    // one thread more, and nothing of the others
    threads = { ...threads, 9: '5000000 1000000 1' };
    expect(account.since()).toEqual({ ranMs: 5, waitedMs: 1 });
    expect(account.since()).toEqual({ ranMs: 0, waitedMs: 0 });
  });

  it('is none where the system keeps none, or the process is gone', () => {
    const gone = () => {
      throw new Error('ENOENT');
    };
    expect(new ProcessorAccount(7, { list: gone, read: gone }).since()).toBeNull();
    expect(new ProcessorAccount(7, { list: () => ['7'], read: gone }).since()).toBeNull();
  });
});

import { describe, expect, it, jest } from '@jest/globals';
import { logsEntry, newId } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { RunLog, readLine } from './run-log.js';

const runId = newId();

/** The lines that pino gives a destination for what `say` says. */
function logged(say: (log: pino.Logger) => void) {
  const lines: string[] = [];
  say(pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }).child({ runId }));
  return lines.map((line) => readLine(line)?.line);
}

describe('what is said of a run', () => {
  it('keeps level, rank and the rest of what was said', () => {
    const [line] = logged((log) => log.warn({ rank: 3, step: 7, ok: false }, 'too slow'));
    expect(line).toMatchObject({ level: 'warn', rank: 3, source: 'agent', text: 'too slow  step=7 ok=false' });
  });

  it('is what a trainer said, where a trainer said it', () => {
    const inner = JSON.stringify({ level: 50, time: 1000, runId, rank: 1, msg: 'training failed' });
    const [own, plain] = logged((log) => {
      log.info({ source: 'trainer', rank: 0 }, inner);
      log.info({ source: 'trainer', rank: 0 }, 'not JSON');
    });
    expect(own).toEqual({
      time: '1970-01-01T00:00:01.000Z',
      level: 'error',
      rank: 1,
      source: 'trainer',
      text: 'training failed',
    });
    expect(plain).toMatchObject({ level: 'info', rank: 0, source: 'trainer', text: 'not JSON' });
  });

  it('has the stack of an error, and no password and no key', () => {
    const [line] = logged((log) => log.error(new Error('redis://user:hunter2@host:1 refused rgt_abc-DEF'), 'away'));
    expect(line?.text).toMatch(/^away\nError: redis:\/\/…@host:1 refused rgt_…\n +at /);
  });

  it('is nothing where no run is named', () => {
    expect(readLine(JSON.stringify({ level: 30, time: 1, msg: 'ready' }))).toBeUndefined();
    expect(readLine('garbage')).toBeUndefined();
  });
});

describe('RunLog', () => {
  it('sends entries that the stream takes, each line under a number of its own, and counts what is too much', async () => {
    const sent: string[] = [];
    const pipeline = { xadd: jest.fn((...args: string[]) => sent.push(args[3])), exec: async () => [] };
    const log = new RunLog();
    log.open({ pipeline: () => pipeline } as unknown as Redis, 'w');
    const line = (msg: string) => JSON.stringify({ level: 30, time: Date.now(), runId, msg });
    for (let i = 0; i < 600; i++) log.write(line(`line ${i} ${'x'.repeat(3000)}\0\ud800`));
    await log.close();
    log.write(line('later'));
    await log.close();
    const [first, second] = sent.map((text) => logsEntry.parse(JSON.parse(text)));
    expect(first.lines).toHaveLength(500);
    expect(first.lines.at(-1)?.text).toBe('101 lines were left out here: too many at once');
    expect(second).toMatchObject({ writer: 'w', seq: 501, lines: [{ text: 'later' }] });
  });
});

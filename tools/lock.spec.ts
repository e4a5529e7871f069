import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takeLock } from './lock.mjs';
import { startOf } from './processes.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'regatta-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = () => path.join(folder, 'lock');

describe('takeLock', () => {
  it('refuses while the holder lives, naming it and its address', async () => {
    const lock = await takeLock(folder);
    lock.note({ state: 'running', url: 'http://127.0.0.1:3000' });
    await expect(takeLock(folder)).rejects.toThrow(
      `Regatta is already running on ${folder} at http://127.0.0.1:3000 (process ${process.pid})`,
    );
    lock.release();
    expect(existsSync(file())).toBe(false);
  });

  it('takes over from a holder that is dead, and tells what it left', async () => {
    const holder = { pid: await deadProcess(), processStart: '1', state: 'running', parts: [{ name: 'api', pid: 1 }] };
    writeFileSync(file(), JSON.stringify(holder));
    const lock = await takeLock(folder);
    expect(lock.left).toEqual(holder);
    expect(JSON.parse(readFileSync(file(), 'utf8')).pid).toBe(process.pid);
  });

  it('takes over from a holder whose process id is another process by now', async () => {
    writeFileSync(file(), JSON.stringify({ pid: process.pid, processStart: 'long ago', state: 'running' }));
    await expect(takeLock(folder)).resolves.toBeDefined();
  });

  it('waits for a holder that is stopping', async () => {
    const holder = spawn('sleep', ['60']);
    const { pid } = holder;
    writeFileSync(file(), JSON.stringify({ pid, processStart: startOf(pid), state: 'stopping' }));
    const taken = takeLock(folder);
    holder.kill();
    await expect(taken).resolves.toMatchObject({ left: { pid } });
  });

  it('gives one of several that come at once the lock of a dead holder', async () => {
    writeFileSync(file(), JSON.stringify({ pid: await deadProcess(), processStart: '1', state: 'running' }));
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => takeLock(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

async function deadProcess(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid as number;
}

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';

const trainer = fileURLToPath(new URL('../../apps/worker/dist/trainer/main.js', import.meta.url));

/** The trainer's program and its channel, without an agent. */
describe('a trainer', () => {
  it('that is asked to stop while it belongs to no generation keeps what it holds, and can be started', async () => {
    const child = fork(trainer, ['trainer', 'run'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    try {
      const word = lastWord(child);
      child.send({ type: 'stop', reason: 'pause', checkpoint: true });
      child.send(unheardOfTask);
      expect(await word).toMatchObject({ type: 'failed' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('ends when its agent dies while its modules are loaded', async () => {
    // an agent that starts a trainer and is gone at once
    const agent = `
      const { fork } = require('node:child_process');
      const child = fork(process.argv[1], ['trainer', 'run'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      require('node:fs').writeSync(1, String(child.pid));
      process.kill(process.pid, 'SIGKILL');`;
    const gone = spawn(process.execPath, ['-e', agent, trainer], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    gone.stdout.on('data', (data) => {
      said += data;
    });
    await once(gone, 'close');
    const pid = Number(said);
    expect(pid).toBeGreaterThan(0);
    await until(() => !isRunning(pid), { what: `the end of trainer ${pid}` });
  });
});

/** A task that no trainer knows: what is started with it fails. */
const unheardOfTask = {
  type: 'start',
  spec: { runId: 'run', config: { task: 'unheard-of', distributed: { logicalShards: 2 } } },
  artifactsUrl: 'file:///nowhere',
  engine: 'onnx',
  threads: 1,
  logLevel: 'silent',
  codeVersion: 'test',
  generation: 1,
  rank: 0,
  worldSize: 1,
  memberId: 'member',
  resumeStep: null,
  held: false,
  redisUrl: 'redis://127.0.0.1:1',
  gradientRedisUrls: ['redis://127.0.0.1:1'],
};

function lastWord(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.on('message', (message: { type: string }) => {
      if (['finished', 'stopped', 'failed'].includes(message.type)) resolve(message);
    });
    child.once('exit', (code) => resolve({ type: 'exited', code }));
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { PlainError } from './plain-error.mjs';

/**
 * Starts the whole system (database, two Redis servers, API with dashboard, workers) and answers when the API is ready.
 * It needs a build (tools/bootstrap.mjs). Settings are those of `.env.example`, given as environment variables.
 * @param {{env?: Record<string, string>, onNotice?: (text: string) => void, signal?: AbortSignal}} options
 *   env: settings over those of this process, such as {PORT: '3001'}; onNotice: something a person should know; signal: ends it when aborted
 * @returns {Promise<Stack>}
 * @throws PlainError with one clear sentence: already running, port in use, no Redis, full disk
 *
 * @typedef {object} Stack
 * @property {string} url where API and dashboard answer
 * @property {string} dataDir
 * @property {string} logs folder of the logs
 * @property {{name: string, pid: number}[]} processes as they were at the start
 * @property {() => string} apiKey the admin key
 * @property {() => Promise<void>} stop ends every part, in order; safe to call again
 * @property {Promise<void>} ended resolves when everything has ended, whoever wanted it
 */
export async function startStack({ env = {}, onNotice = console.error, signal } = {}) {
  const supervisor = fork(path.join(root, 'tools/supervisor.mjs'), [], {
    cwd: root,
    env: { ...process.env, ...env },
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(supervisor, 'exit').then(([, killedBy]) => {
    if (killedBy) onNotice(`The supervisor was killed (${killedBy}): parts may be left; the next start ends them.`);
  });
  const stop = async () => {
    if (supervisor.connected) supervisor.send('stop', () => undefined);
    await ended;
  };
  const ready = await new Promise((resolve, reject) => {
    let why = 'Stopped before everything had started.';
    supervisor.on('message', (message) => {
      if (message.ready) resolve(message.ready);
      if (message.failed) why = message.failed;
      if (message.notice) onNotice(message.notice);
    });
    supervisor.once('exit', () => reject(new PlainError(why)));
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) void stop();
  });
  const apiKey = () => readFileSync(path.join(ready.dataDir, 'api-key'), 'utf8').trim();
  return { ...ready, apiKey, stop, ended };
}

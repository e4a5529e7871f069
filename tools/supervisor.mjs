// Starts, watches and stops every part of an installation. It runs in a process group of its own, because Ctrl-C in a
// terminal signals the whole group at once, while Redis and the database must outlive the programs that still write to
// them; when the channel to its launcher closes (the launcher was killed), it stops everything as for Ctrl-C.
// Talks to tools/stack.mjs: sends {ready}, {notice}, {failed}; is sent 'stop'.
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '@regatta/config';
import { assertSpace, watchSpace } from './disk.mjs';
import { takeLock } from './lock.mjs';
import { whyNotFree } from './net.mjs';
import { planParts } from './parts.mjs';
import { PlainError, sentence } from './plain-error.mjs';
import { endProcess } from './processes.mjs';

/** Resolves when the message is on its way, or there is nobody any more to tell. */
const tell = (message) => new Promise((resolve) => (process.connected ? process.send(message, resolve) : resolve()));
const notice = (text) => tell({ notice: text });

const stopping = new AbortController();
const stop = () => stopping.abort();
process.on('message', (message) => message === 'stop' && stop());
process.on('disconnect', stop);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
process.on('uncaughtException', (error) => {
  void notice(`Stopping everything after an error: ${sentence(error) ?? error.stack}`);
  stop();
});

let lock;
let parts = [];
let exitCode = 0;
try {
  const config = loadConfig();
  lock = await takeLock(config.dataDir);
  await stopLeftovers(lock.left);
  assertSpace(config.dataDir);
  await assertPort(config);
  await startAll(config);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
} catch (error) {
  await tell({ failed: sentence(error) ?? String(error.stack ?? error) });
  exitCode = 1;
}
lock?.note({ state: 'stopping' });
await stopAll();
lock?.release();
process.exit(exitCode);

/** In the order of `planParts`; a stop that is wanted meanwhile is obeyed before the next part. */
async function startAll(config) {
  const { dataDir } = config;
  const logs = path.join(dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const file = path.join(dataDir, 'stack.json');
  const url = urlOf(config);
  const plan = await planParts({ config, logs, url, remembered: readJson(file), notice, changed });
  writeFileSync(file, JSON.stringify(plan.remember, null, 2), { mode: 0o600 });
  parts = plan.parts;
  for (const order of ordersOf(parts)) {
    await Promise.all(partsAt(order).map((part) => part.start({ signal: stopping.signal })));
    if (stopping.signal.aborted) return;
  }
  lock.note({ state: 'running', url });
  void tell({ ready: { url, dataDir, logs, pid: process.pid, processes: processes() } });
  watchSpace(dataDir, notice);
}

/** The other way round: what writes stops before what is written to. */
async function stopAll() {
  for (const order of ordersOf(parts).toReversed()) await Promise.all(partsAt(order).map((part) => part.stop()));
}

function ordersOf(list) {
  return [...new Set(list.map((part) => part.order))].sort((a, b) => a - b);
}

function partsAt(order) {
  return parts.filter((part) => part.order === order);
}

function processes() {
  return parts.flatMap((part) => (part.process ? [{ name: part.name, ...part.process }] : []));
}

/** Noted in the lock, for a next start that has to end them. A full disk must not end what runs. */
function changed() {
  try {
    lock.note({ parts: processes() });
  } catch (error) {
    void notice(sentence(error) ?? String(error));
  }
}

/** Parts whose supervisor was killed: without it nobody would ever stop them, and they hold the files we need. */
async function stopLeftovers(left) {
  for (const part of (left?.parts ?? []).toReversed()) await endProcess(part, 10_000);
}

async function assertPort({ port, host }) {
  const code = await whyNotFree(port, host);
  if (!code) return;
  if (code === 'EADDRINUSE')
    throw new PlainError(`Port ${port} is in use: stop what listens there, or choose another with PORT=${port + 1}.`);
  if (code === 'EACCES') throw new PlainError(`Port ${port} needs more rights: choose one above 1023 with PORT=3000.`);
  throw new PlainError(
    `Cannot listen on ${host} port ${port} (${code}): set HOST and PORT to an address of this machine.`,
  );
}

function urlOf({ host, port }) {
  const everywhere = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  return `http://${everywhere[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

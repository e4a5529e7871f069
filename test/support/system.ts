import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { freePort } from '../../tools/net.mjs';
import { signInLink } from '../../tools/sign-in-link.mjs';
import { startStack } from '../../tools/stack.mjs';
import { openPage } from './browser.js';
import { prepareDatabase } from './database.js';
import { copyPreparedDatabase } from './prepared-database.js';

export type System = Awaited<ReturnType<typeof startStack>>;
/** Cookies of a browser that is signed in: signing in again and again would meet the limit against guessing keys. */
export type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

/** The whole system as `npm start` runs it, with two workers, in a folder of its own that goes when it stops. */
export async function startSystem(): Promise<System> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'regatta-system-'));
  await prepareDatabase();
  copyPreparedDatabase(path.join(dataDir, 'postgres'));
  const stack = await startStack({ env: { DATA_DIR: dataDir, PORT: String(await freePort(0)), WORKERS: '2' } });
  const stop = async () => {
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...stack, stop };
}

export async function signIn(browser: Browser, stack: System): Promise<Session> {
  const { page, close } = await openPage(browser);
  await page.goto(await signInLink(stack));
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
  const session = await page.context().storageState();
  await close();
  return session;
}

/** POST /runs. */
export async function startRun({ url, apiKey }: System, body: Record<string, unknown>): Promise<{ id: string }> {
  const answer = await fetch(`${url}/api/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey()}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(await answer.text());
  return (await answer.json()) as { id: string };
}

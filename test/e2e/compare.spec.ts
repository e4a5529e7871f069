import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { freePort } from '../../tools/net.mjs';
import { signInLink } from '../../tools/sign-in-link.mjs';
import { startStack } from '../../tools/stack.mjs';
import { launchBrowser, openPage, overflow } from '../support/browser.js';
import { violations } from './look.js';

let stack: Awaited<ReturnType<typeof startStack>>;
let browser: Browser;
const dataDir = mkdtempSync(path.join(tmpdir(), 'regatta-compare-'));

beforeAll(async () => {
  stack = await startStack({ env: { DATA_DIR: dataDir, PORT: String(await freePort(0)), WORKERS: '0' } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Needs no dataset; without workers it stays in the queue. */
async function queue(name: string, examples: number): Promise<void> {
  const response = await fetch(`${stack.url}/api/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.apiKey()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, task: 'attention-lab', lab: { experiment: 'nadaraya-watson', examples } }),
  });
  expect(response.status).toBe(201);
}

it('filters the runs, selects two by the keyboard and compares them', async () => {
  await queue('narrow one', 20);
  await queue('narrow two', 30);
  await queue('another', 40);
  const { page, wrong, close } = await openPage(browser);
  await page.goto(await signInLink(stack));
  await page.getByRole('link', { name: 'another' }).waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('narrow');
  await page.getByRole('link', { name: 'another' }).waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.get('text')).toBe('narrow');
  expect(await violations(page)).toEqual([]);

  await page.getByRole('link', { name: 'narrow two' }).focus();
  for (const key of ['x', 'j', 'x']) await page.keyboard.press(key);
  await page.getByText('2 selected').waitFor();
  await page.getByRole('link', { name: 'Compare' }).click();

  await page.getByRole('heading', { level: 1, name: 'Compare 2 runs' }).waitFor();
  const row = page.getByTestId('differences').getByRole('row', { name: /lab\.examples/ });
  await row.waitFor();
  expect(await row.getByRole('cell').allTextContents()).toEqual(['30', '20']);
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 400, height: 800 });
  expect(await overflow(page)).toBe(0);
  expect(wrong).toEqual([]);
  await close();
});

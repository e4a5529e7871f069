import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { freePort } from '../../tools/net.mjs';
import { signInLink } from '../../tools/sign-in-link.mjs';
import { startStack } from '../../tools/stack.mjs';
import { launchBrowser, openPage, overflow } from '../support/browser.js';
import { violations } from './look.js';

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

/** The whole system as `npm start` runs it, and a real browser in front of it. */
describe('the dashboard', () => {
  let stack: Awaited<ReturnType<typeof startStack>>;
  let browser: Browser;
  let dataDir: string;
  /** Cookies of a browser that is signed in: signing in again and again would meet the limit against guessing keys. */
  let session: StorageState;

  beforeAll(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'regatta-dashboard-'));
    stack = await startStack({ env: { DATA_DIR: dataDir, PORT: String(await freePort(0)), WORKERS: '2' } });
    browser = await launchBrowser();
    const { page, close } = await openPage(browser);
    await page.goto(await signInLink(stack));
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    session = await page.context().storageState();
    await close();
    const form = new FormData();
    form.append('name', 'harbour');
    form.append('file', new File([harbour()], 'harbour.txt'));
    const headers = { authorization: `Bearer ${stack.apiKey()}` };
    const uploaded = await fetch(`${stack.url}/api/v1/datasets`, { method: 'POST', headers, body: form });
    expect(uploaded.status).toBe(201);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  describe('signed out', () => {
    it('leads to the sign-in page, says when a key is wrong, and goes where one wanted to go', async () => {
      const { page, close } = await openPage(browser);
      await page.goto(`${stack.url}/workers`);
      await page.getByLabel('API key', { exact: true }).fill('not the key');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.mantine-PasswordInput-error').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('API key', { exact: true }).fill(stack.apiKey());
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Workers' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/workers');
      await close();
    });

    it('says that a link works once', async () => {
      const link = await signInLink(stack);
      const first = await openPage(browser);
      await first.page.goto(link);
      await first.page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      const second = await openPage(browser);
      await second.page.goto(link);
      await second.page.getByText('That link no longer works').waitFor();
      await Promise.all([first.close(), second.close()]);
    });
  });

  describe('signed in', () => {
    let page: Page;
    let wrong: string[];
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ page, wrong, close } = await openPage(browser, { storageState: session }));
      await page.goto(stack.url);
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    });

    afterEach(async () => {
      await close();
      expect(wrong).toEqual([]);
    });

    it('uploads a text, trains on it by the form, shows it live, and fills a gap with what came of it', async () => {
      await page.goto(`${stack.url}/datasets`);
      await page.getByRole('button', { name: 'Upload data' }).first().click();
      const file = { name: 'quay.txt', mimeType: 'text/plain', buffer: Buffer.from(harbour()) };
      await page.locator('input[type=file]').setInputFiles(file);
      await page.getByRole('button', { name: 'Upload', exact: true }).click();
      await page.getByRole('heading', { name: 'quay' }).waitFor();
      await page.getByRole('link', { name: 'Train on it' }).first().click();
      await page.getByRole('combobox', { name: 'Dataset' }).and(page.locator('[value="quay@1"]')).waitFor();

      await page.getByLabel('Name', { exact: true }).fill('harbour words');
      await page.getByLabel('Steps', { exact: true }).fill('120');
      await page.getByTestId('estimates').getByText(/\d K$/).waitFor();
      await page.getByRole('button', { name: 'Start run' }).click();

      await page.getByRole('heading', { level: 1, name: 'harbour words' }).waitFor();
      await page.locator('[data-status=running]').waitFor();
      const loss = page.getByRole('img', { name: /^Loss in nats/ });
      const first = await labelled(loss, /training [\d.]+/);
      // A new point is in the chart of a page that was not loaded again.
      await page.evaluate(() => Object.assign(window, { stayed: true }));
      await page.waitForFunction((before) => {
        const chart = document.querySelector('[aria-label^="Loss in nats"]');
        return chart?.getAttribute('aria-label') !== before;
      }, first);
      await page.locator('[data-status=completed]').first().waitFor();
      await page.getByTestId('progress').getByText('step 120 / 120').waitFor();
      await labelled(loss, /held out [\d.]+, baseline [\d.]+/);
      await page
        .getByTestId('ledger')
        .getByText(/The run finished after 120 steps/)
        .waitFor();
      expect(await page.evaluate(() => 'stayed' in window)).toBe(true);

      await page.getByLabel('A text with a gap').fill('the boat left the [MASK] .');
      await page.getByTestId('guesses').getByRole('progressbar').nth(4).waitFor();
      expect(await page.getByTestId('guesses').getByRole('progressbar').count()).toBe(5);
    });

    it('cancels a run after one question', async () => {
      const run = await queue({
        name: 'too long',
        training: { maxSteps: 100_000, globalBatchSize: 32, maxLength: 32 },
      });
      await page.goto(`${stack.url}/runs/${run.id}`);
      await page.locator('[data-status=running]').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      const question = page.getByRole('dialog');
      await question.getByText(/cannot be continued/).waitFor();
      await question.getByRole('button', { name: 'Cancel' }).click();
      await page.locator('[data-status=cancelled]').first().waitFor();
      await page.goto(`${stack.url}/?status=cancelled`);
      await page.getByRole('link', { name: 'too long' }).waitFor();
    });

    it('says at the field what the form got wrong, before anything is started', async () => {
      await page.goto(`${stack.url}/new`);
      await page.getByRole('button', { name: /^Distributed/ }).click();
      await page.getByLabel('Logical shards').fill('3');
      await page.getByText('must be a power of two').first().waitFor();
      // The dry run was refused, and says so on the console of every browser: that is the point here.
      expect(wrong.splice(0).every((line) => line.includes('422'))).toBe(true);
    });

    it('goes by the keyboard', async () => {
      await page.keyboard.press('g');
      await page.keyboard.press('w');
      await page.getByRole('heading', { level: 1, name: 'Workers' }).waitFor();
      await page.locator('[data-worker-status=idle], [data-worker-status=training]').first().waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').getByText('Search the runs').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.keyboard.press('n');
      await page.getByRole('heading', { level: 1, name: 'New run' }).waitFor();
      await page.keyboard.press('/');
      await page.waitForFunction(() => document.activeElement?.id === 'search');
    });

    it('says that the API is away, until when the data is true, and goes on by itself', async () => {
      await page.context().setOffline(true);
      await page.getByText(/Reconnecting, data until \d\d:\d\d:\d\d/).waitFor();
      await page.context().setOffline(false);
      await page.getByText(/Reconnecting/).waitFor({ state: 'hidden' });
      expect(wrong.splice(0).every((line) => line.includes('ERR_INTERNET_DISCONNECTED'))).toBe(true);
    });

    it('loads at most 350 kB at first', async () => {
      const sizes: Promise<number>[] = [];
      page.on('response', (response) => {
        if (/\.(js|css|html)$|\/$/.test(new URL(response.url()).pathname))
          sizes.push(response.body().then((body) => gzipSync(body).length));
      });
      await page.goto(stack.url);
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      expect(total).toBeGreaterThan(50_000);
      expect(total).toBeLessThanOrEqual(350_000);
    });
  });

  describe.each([
    ['wide and light', { width: 1440, height: 900 }, 'light'],
    ['narrow and dark', { width: 400, height: 800 }, 'dark'],
  ] as const)('%s', (_, viewport, colorScheme) => {
    it('is accessible and fits the screen on every page', async () => {
      const { page, wrong, close } = await openPage(browser, { viewport, colorScheme, storageState: session });
      const run = await queue({ name: 'waits for three', distributed: { minWorkers: 3, maxWorkers: 4 } });
      const found: unknown[] = [];
      for (const address of ['/', '/new', '/datasets', '/models', '/workers', `/runs/${run.id}`]) {
        await page.goto(stack.url + address);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
        found.push(...(await violations(page)).map((violation) => ({ address, violation })));
        expect({ address, overflow: await overflow(page) }).toEqual({ address, overflow: 0 });
      }
      expect(found).toEqual([]);
      expect(wrong).toEqual([]);
      await close();
    });
  });

  async function queue(body: Record<string, unknown>): Promise<{ id: string }> {
    const answer = await fetch(`${stack.url}/api/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.apiKey()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ task: 'bert-pretrain', dataset: 'harbour', model: { preset: 'bert-debug' }, ...body }),
    });
    expect(answer.status).toBe(201);
    return (await answer.json()) as { id: string };
  }
});

/** Waits until an element's label says this. @returns the label */
async function labelled(locator: ReturnType<Page['locator']>, words: RegExp): Promise<string> {
  const element = await locator.elementHandle();
  const label = await locator.page().waitForFunction(
    ({ element, words }) => {
      const label = element?.getAttribute('aria-label') ?? '';
      return new RegExp(words).test(label) && label;
    },
    { element, words: words.source },
  );
  return String(await label.jsonValue());
}

/** A text of a small world, of which a tiny model learns something in a hundred steps. */
function harbour(): string {
  const who = ['the boat', 'the old captain', 'a grey gull', 'the young sailor', 'the harbour pilot', 'a fisherman'];
  const does = ['left', 'watched', 'entered', 'crossed', 'remembered', 'loved'];
  const what = ['the harbour', 'the open sea', 'the lighthouse', 'the narrow channel', 'the morning tide', 'the pier'];
  const when = ['at dawn', 'before the storm', 'in the evening', 'after the rain', 'without a word', 'once more'];
  const pick = (list: string[], n: number) => list[n % list.length];
  const documents = Array.from({ length: 60 }, (_, d) =>
    Array.from({ length: 12 }, (_, s) => {
      const n = d * 7 + s * 5;
      return `${pick(who, n)} ${pick(does, n + d)} ${pick(what, n + s)} ${pick(when, d + s)} .`;
    }).join('\n'),
  );
  return documents.join('\n\n');
}

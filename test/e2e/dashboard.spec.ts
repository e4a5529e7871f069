import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { signInLink } from '../../tools/sign-in-link.mjs';
import { launchBrowser, openPage, overflow } from '../support/browser.js';
import { type Session, type System, signIn, startRun, startSystem } from '../support/system.js';
import { harbour } from './harbour.js';
import { violations } from './look.js';

/** The whole system as `npm start` runs it, and a real browser in front of it. */
describe('the dashboard', () => {
  let stack: System;
  let browser: Browser;
  let session: Session;

  beforeAll(async () => {
    stack = await startSystem();
    browser = await launchBrowser();
    session = await signIn(browser, stack);
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

    it('filters the runs, selects two by the keyboard and compares them', async () => {
      // for these there never are enough workers: they stay as they are
      const waiting = { distributed: { minWorkers: 3, maxWorkers: 4 } };
      await queue({ name: 'narrow one', training: { maxSteps: 20 }, ...waiting });
      await queue({ name: 'narrow two', training: { maxSteps: 30 }, ...waiting });
      await queue({ name: 'another', ...waiting });
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
      const row = page.getByTestId('differences').getByRole('row', { name: /training\.maxSteps/ });
      await row.waitFor();
      expect(await row.getByRole('cell').allTextContents()).toEqual(['30', '20']);
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 400, height: 800 });
      expect(await overflow(page)).toBe(0);
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

    it('makes an API key, shows it once, and revokes it', async () => {
      await page.getByRole('button', { name: 'Account and help' }).click();
      await page.getByRole('menuitem', { name: 'API keys' }).click();
      await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByLabel('Name', { exact: true }).fill('nightly');
      await page.getByRole('button', { name: 'Make the key' }).click();
      const key = await page.getByTestId('new-key').locator('pre').textContent();
      const me = () => fetch(`${stack.url}/api/v1/me`, { headers: { authorization: `Bearer ${key}` } });
      expect(await (await me()).json()).toEqual({ name: 'nightly', role: 'member' });
      await page.getByRole('button', { name: 'Done' }).click();
      const card = page.locator('.panel', { has: page.getByRole('heading', { name: 'nightly' }) });
      await card.getByText(/, expires /).waitFor();
      expect(await page.content()).not.toContain(key);
      await card.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await card.waitFor({ state: 'detached' });
      expect((await me()).status).toBe(401);
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
      for (const address of ['/', '/new', '/datasets', '/models', '/workers', '/api-keys', `/runs/${run.id}`]) {
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

  const queue = (body: Record<string, unknown>) =>
    startRun(stack, { task: 'bert-pretrain', dataset: 'harbour', model: { preset: 'bert-debug' }, ...body });
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

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage, overflow } from '../support/browser.js';
import { type Session, type System, signIn, startRun, startSystem } from '../support/system.js';
import { violations } from './look.js';

const narrow = { width: 400, height: 800 };

/** Every task but pretraining, from the data to the model's answer, in a real browser. */
describe('the dashboard shows every task', () => {
  let stack: System;
  let browser: Browser;
  let session: Session;
  let page: Page;
  let wrong: string[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    stack = await startSystem();
    browser = await launchBrowser();
    session = await signIn(browser, stack);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  beforeEach(async () => {
    ({ page, wrong, close } = await openPage(browser, { storageState: session }));
  });

  afterEach(async () => {
    await close();
    expect(wrong).toEqual([]);
  });

  it('uploads labelled texts, fine-tunes on them by the form, shows what is taken for what, and classifies', async () => {
    await page.goto(`${stack.url}/datasets`);
    await page.getByRole('button', { name: 'Upload data' }).first().click();
    await page.getByRole('combobox', { name: 'What it is' }).click();
    await page.getByRole('option', { name: 'Texts with a label', exact: true }).click();
    const file = { name: 'reviews.tsv', mimeType: 'text/tab-separated-values', buffer: Buffer.from(reviews()) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    const card = page.locator('.panel', { has: page.getByRole('heading', { name: 'reviews', exact: true }) });
    await card.getByText('praise 105').waitFor();
    await card.getByRole('link', { name: 'Train on it' }).click();

    await page.getByRole('combobox', { name: 'Dataset' }).and(page.locator('[value="reviews@1"]')).waitFor();
    await page.getByRole('button', { name: /^See it work/ }).click();
    await page.getByLabel('Name', { exact: true }).fill('praise or not');
    await page.getByLabel('Steps', { exact: true }).fill('60');
    await page.getByTestId('estimates').getByText(/\d K$/).waitFor();
    await page.getByRole('button', { name: 'Start run' }).click();

    await page.getByRole('heading', { level: 1, name: 'praise or not' }).waitFor();
    await page.locator('[data-status=completed]').first().waitFor();
    await page.getByText('Accuracy, held out').waitFor();
    const examples = page.getByRole('region', { name: 'Examples' });
    await examples
      .getByText(/on day \d+/)
      .first()
      .waitFor();
    await page.getByRole('cell', { name: /^\d+ of \d+ “praise” taken for “praise”$/ }).waitFor();
    await page.getByLabel('A text', { exact: true }).fill('the boat near the harbour was superb on day 1');
    await page.getByTestId('guesses').getByRole('progressbar', { name: 'Probability of praise' }).waitFor();
    await fits(page);
  });

  it('gives a model a page: where it comes from, its stage, and how good it is on data that one chooses', async () => {
    const run = await startRun(stack, {
      name: 'praise again',
      task: 'bert-finetune',
      dataset: 'reviews',
      model: { base: 'praise or not' },
      training: { maxSteps: 2, maxLength: 32, globalBatchSize: 16 },
    });
    await page.goto(`${stack.url}/runs/${run.id}`);
    await page.getByRole('link', { name: 'this model' }).click();
    await page.getByRole('heading', { level: 1, name: 'praise again' }).waitFor();
    await page.getByRole('cell', { name: /^\d+ of \d+ “praise” taken for “praise”$/ }).waitFor();
    const lineage = page.getByRole('list', { name: 'Lineage' });
    await lineage.getByRole('link', { name: 'praise or not' }).click();
    await page.getByRole('heading', { level: 1, name: 'praise or not' }).waitFor();
    await lineage.getByRole('link', { name: 'praise again' }).waitFor();

    await page.getByRole('combobox', { name: 'Dataset' }).click();
    await page.getByRole('option', { name: 'reviews, version 1' }).click();
    await page.getByRole('button', { name: 'Measure it' }).click();
    const measured = page.getByTestId('measured');
    await measured.getByText('Measured on 210 examples.').waitFor();
    await measured.getByRole('cell', { name: /^\d+ of 105 “praise” taken for “praise”$/ }).waitFor();
    await fits(page);

    await page.getByRole('combobox', { name: 'Stage' }).click();
    await page.getByRole('option', { name: 'production' }).click();
    await page.locator('.mantine-Badge-root', { hasText: 'production' }).waitFor();
    await page.getByRole('link', { name: 'All models' }).click();
    await page.getByRole('link', { name: 'praise again' }).first().waitFor();
    await page.getByRole('radiogroup', { name: 'Stage' }).getByText('production').click();
    await page.getByRole('heading', { level: 2, name: 'praise again' }).waitFor({ state: 'detached' });
    await page.getByRole('heading', { level: 2, name: 'praise or not' }).waitFor();
  });

  it('translates, and shows what the translation looks at', async () => {
    const run = await startRun(stack, {
      name: 'backwards',
      task: 'translate',
      dataset: 'toy-reverse',
      model: { preset: 'debug', architecture: 'transformer' },
      training: { maxSteps: 20, evaluateEvery: 10, checkpointEvery: 10 },
    });
    await page.goto(`${stack.url}/runs/${run.id}`);
    await page.locator('[data-status=completed]').first().waitFor();
    await page.getByText('BLEU, held out').waitFor();
    await page.getByRole('region', { name: 'By the length of the source' }).waitFor();
    await page.getByLabel('A sentence to translate').fill('a b c');
    await page.getByRole('switch', { name: 'Show what it looks at' }).click({ force: true });
    const alignment = page.getByRole('region', { name: /^What it looks at/ });
    await alignment
      .getByRole('cell', { name: /looks at “.*”: \d+\.\d %$/ })
      .first()
      .waitFor();
    await fits(page);
  });

  it('asks a model in the playground, at every checkpoint, and turns the ideas of the lab', async () => {
    await page.goto(stack.url);
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.getByRole('combobox', { name: 'Model' }).and(page.locator('[value="backwards"]')).waitFor();
    await page.locator('textarea:focus').fill('a b c');
    await page.getByRole('combobox', { name: 'Attention' }).selectOption('self');
    const cell = page.getByRole('cell', { name: /^“·?a” looks at “·?b”: \d+\.\d %$/ });
    await cell.waitFor();
    const last = await cell.getAttribute('aria-label');
    await page.getByRole('slider', { name: 'As of step' }).press('ArrowLeft');
    await page.getByText('10 of 20').waitFor();
    await page.waitForURL(/checkpoint=10/);
    await page.waitForFunction((label) => !document.querySelector(`td[aria-label="${label}"]`), last);
    await cell.waitFor();
    await fits(page);

    await page.goto(`${stack.url}/lab`);
    const distance = () => page.getByText('Distance from the true function').locator('..').textContent();
    const before = await distance();
    await page.getByRole('slider', { name: 'Width of the kernel, 1/w' }).press('End');
    expect(await distance()).not.toBe(before);
    await page.getByRole('switch', { name: /^Causal/ }).click({ force: true });
    await page.getByRole('cell', { name: 'query 1 on key 1: 100.0 %' }).waitFor();
    await fits(page);
    await page.getByRole('link', { name: 'Measure it on your machine' }).click();
    await page.getByRole('button', { name: /^What layers cost/, pressed: true }).waitFor();
  });

  it("shows an experiment's picture first", async () => {
    const run = await startRun(stack, { name: 'near', task: 'attention-lab', lab: { experiment: 'nadaraya-watson' } });
    await page.goto(`${stack.url}/runs/${run.id}`);
    await page.locator('[data-status=completed]').first().waitFor();
    await page.getByRole('img', { name: /^Kernel regression\. Last: .*learnt w [\d.]+/ }).waitFor();
    const weights = page.getByRole('img', {
      name: /^Attention weights, learnt: .*50 by 50$/,
    });
    await weights.waitFor();
    await weights.hover();
    await page.getByText(/^query \d+ on point \d+: [\d.e-]+$/).waitFor();
    await fits(page);
  });

  it('offers the data that is built in before it is made, and leads to its task', async () => {
    await page.goto(`${stack.url}/datasets`);
    await page.getByRole('link', { name: 'brown-pos' }).click();
    await page.getByRole('combobox', { name: 'Dataset' }).and(page.locator('[value="brown-pos"]')).waitFor();
    await page.getByRole('button', { name: 'Learn a task from labelled text', pressed: true }).waitFor();
    await page.goto(`${stack.url}/models`);
    await page.getByText(/It translates\./).waitFor();
    await fits(page);
  });

  /** Axe finds nothing on the page, wide or narrow, and it is not wider than a narrow screen. */
  async function fits(shown: Page): Promise<void> {
    for (const viewport of [{ width: 1280, height: 900 }, narrow]) {
      await shown.setViewportSize(viewport);
      await shown.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
      expect(await violations(shown)).toEqual([]);
    }
    await shown.reload();
    await shown.getByRole('heading', { level: 1 }).waitFor();
    await shown.waitForFunction(() => !document.querySelector('[aria-busy=true], .mantine-Skeleton-root'));
    expect(await overflow(shown)).toBe(0);
  }
});

/** 210 short reviews, half of each label, told apart by one word. */
function reviews(): string {
  const words = ['superb', 'awful', 'great', 'dull', 'fine', 'bad'];
  const things = ['boat', 'harbour', 'voyage', 'captain', 'storm', 'meal', 'cabin'];
  const rows = Array.from({ length: 210 }, (_, n) => {
    const text = `the ${things[n % 7]} near the ${things[(n * 3 + 1) % 7]} was ${words[n % 6]} on day ${n}`;
    return `${n % 2 === 0 ? 'praise' : 'complaint'}\t${text}`;
  });
  return ['label\ttext', ...rows].join('\n');
}

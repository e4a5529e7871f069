// `node tools/screenshots.mjs FOLDER [--readme]`: every page as it is with nothing, while a run trains, after one has
// completed and after one has failed; wide and narrow, light and dark. `--readme` also renews docs/dashboard.png.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { bootstrap } from './bootstrap.mjs';
import { chromiumArguments, findChromium } from './chromium.mjs';
import { freePort } from './net.mjs';
import { root } from './paths.mjs';
import { PlainError, runMain } from './plain-error.mjs';
import { signInLink } from './sign-in-link.mjs';
import { startStack } from './stack.mjs';

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 400, height: 800 } };
const schemes = ['light', 'dark'];

/** The demo's model and data, cut short; `brown` needs no upload. */
const quick = {
  task: 'bert-pretrain',
  dataset: 'brown',
  model: { preset: 'bert-tiny', hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 },
  tokenizer: { vocabSize: 2000 },
  training: { maxSteps: 200, maxLength: 64, globalBatchSize: 32, evaluateEvery: 50, checkpointEvery: 50 },
  optimizer: { learningRate: 2.5e-3, warmupSteps: 50 },
};
/** Diverges at once: a rate at which no loss stays a number. */
const hopeless = {
  ...quick,
  name: 'rate far too high',
  optimizer: { learningRate: 1, warmupSteps: 0, clipNorm: 1e6, schedule: 'constant' },
};

await runMain(async () => {
  const folder = process.argv[2];
  if (!folder || folder.startsWith('--')) throw new PlainError('Usage: node tools/screenshots.mjs FOLDER [--readme]');
  bootstrap();
  mkdirSync(folder, { recursive: true });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'regatta-screenshots-'));
  const stack = await startStack({ env: { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: '2' } });
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
  try {
    await takeAll({ stack, browser, folder, readme: process.argv.includes('--readme') });
  } finally {
    await browser.close();
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

async function takeAll({ stack, browser, folder, readme }) {
  const views = await openViews(stack, browser);
  const take = (name, address, ready) => takeOne(views, folder, name, `${stack.url}${address}`, ready);
  const api = caller(stack);

  await take('sign-in', '/sign-in');
  for (const page of ['', 'new', 'datasets', 'models', 'workers']) await take(`empty-${page || 'runs'}`, `/${page}`);

  const first = await api('POST', '/runs', { ...quick, name: 'first words' });
  await until(async () => (await api('GET', `/runs/${first.id}`)).progress.step >= 60);
  await take('running-run', `/runs/${first.id}`, 'text=states');
  for (const page of ['', 'workers']) await take(`running-${page || 'runs'}`, `/${page}`);
  const failing = await api('POST', '/runs', hopeless);
  const waiting = await api('POST', '/runs', {
    ...quick,
    name: 'waits for four',
    distributed: { minWorkers: 4, maxWorkers: 4 },
  });
  await until(async () => (await api('GET', `/runs/${first.id}`)).status === 'completed');
  await until(async () => (await api('GET', `/runs/${failing.id}`)).status === 'failed');
  await take('completed-run', `/runs/${first.id}`, '[data-testid=guesses] [role=progressbar]');
  await take('failed-run', `/runs/${failing.id}`);
  await take('waiting-run', `/runs/${waiting.id}`);
  for (const page of ['', 'datasets', 'models', 'workers']) await take(`full-${page || 'runs'}`, `/${page}`);
  await take('unknown-run', `/runs/${waiting.id.slice(0, -4)}0000`);
  await take('form-from-run', `/new?from=${first.id}`);
  if (readme) await views[0].page.goto(`${stack.url}/runs/${first.id}`);
  if (readme) await shoot(views[0].page, path.join(root, 'docs/dashboard.png'), false);
}

/** A signed-in page for each size and scheme. */
async function openViews(stack, browser) {
  const views = [];
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const scheme of schemes) {
      const context = await browser.newContext({ viewport, colorScheme: scheme, locale: 'en-GB' });
      const page = await context.newPage();
      await page.goto(await signInLink(stack));
      views.push({ name: `${size}-${scheme}`, page });
    }
  }
  return views;
}

async function takeOne(views, folder, name, url, ready = 'h1, h2') {
  for (const { name: view, page } of views) {
    await page.goto(url);
    await page.locator(ready).first().waitFor();
    await shoot(page, path.join(folder, `${name}-${view}.png`), true);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) console.log(`${name} ${view}: ${overflow} px wider than the screen`);
  }
  console.log(name);
}

async function shoot(page, file, fullPage) {
  // What loads lazily, and the first points of a chart, are there when nothing is asked any more and a frame was drawn.
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true], .mantine-Skeleton-root'), undefined, {
    timeout: 30_000,
  });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
  await page.screenshot({ path: file, fullPage, animations: 'disabled' });
}

function caller({ url, apiKey }) {
  return async (method, address, body) => {
    const headers = { authorization: `Bearer ${apiKey()}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1${address}`, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new PlainError(`${method} ${address} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
}

async function until(holds) {
  const giveUp = Date.now() + 300_000;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new PlainError('The runs of the screenshots did not get there within 5 minutes.');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

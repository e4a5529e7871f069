// `node tools/screenshots.mjs FOLDER`: every page as it is with nothing, while a run trains, after one has completed, after
// one has failed, and after a run of every task; wide and narrow, light and dark. `node tools/screenshots.mjs --readme`: docs/dashboard.png alone.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { bootstrap } from './bootstrap.mjs';
import { chromiumArguments, findChromium } from './chromium.mjs';
import { demoRun } from './demo-run.mjs';
import { freePort } from './net.mjs';
import { root } from './paths.mjs';
import { PlainError, runMain } from './plain-error.mjs';
import { taskDatasets, taskRuns } from './screenshot-tasks.mjs';
import { signInLink } from './sign-in-link.mjs';
import { startStack } from './stack.mjs';

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 400, height: 800 } };
const schemes = ['light', 'dark'];

const guesses = '[data-testid=guesses] [role=progressbar]';

/** The demo's model and data, cut short; `brown` needs no upload. */
const quick = {
  task: 'bert-pretrain',
  dataset: 'brown',
  model: { preset: 'bert-tiny', hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 },
  tokenizer: { vocabSize: 2000 },
  training: { maxSteps: 200, maxLength: 64, globalBatchSize: 32, evaluateEvery: 50, checkpointEvery: 50 },
  optimizer: { learningRate: 2.5e-3, warmupSteps: 50 },
};
/** Gives up at the first loss of a worker. */
const fragile = { ...quick, name: 'gives up', training: { ...quick.training, maxRestarts: 0 } };

await runMain(async () => {
  const folder = process.argv[2];
  if (!folder) throw new PlainError('Usage: node tools/screenshots.mjs FOLDER | --readme');
  bootstrap();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'regatta-screenshots-'));
  const stack = await startStack({ env: { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: '2' } });
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
  try {
    if (folder === '--readme') await takeReadme(stack, browser);
    else await takeAll(stack, browser, folder);
  } finally {
    await browser.close();
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** The demo's run, interrupted once, after three quarters of its steps. */
async function takeReadme(stack, browser) {
  const api = caller(stack);
  const run = await api('POST', '/runs', { ...demoRun, name: 'brown-tiny' });
  const reaches = (share) => async () =>
    (await api('GET', `/runs/${run.id}`)).progress.step >= share * demoRun.training.maxSteps;
  await until('the first interruption', reaches(0.42));
  killTrainer(stack);
  await until('three quarters of the steps', reaches(0.75));
  const page = await browser.newPage({
    viewport: { width: 1280, height: 1000 },
    colorScheme: 'light',
    locale: 'en-GB',
  });
  await page.goto(await signInLink(stack));
  await page.goto(`${stack.url}/runs/${run.id}`);
  await page.locator(guesses).first().waitFor();
  await shoot(page, path.join(root, 'docs/dashboard.png'), false);
}

async function takeAll(stack, browser, folder) {
  mkdirSync(folder, { recursive: true });
  const views = await openViews(stack, browser);
  const take = (name, address, ready) => takeOne(views, folder, name, `${stack.url}${address}`, ready);
  const api = caller(stack);

  await take('sign-in', '/sign-in');
  for (const page of ['', 'new', 'datasets', 'models', 'workers']) await take(`empty-${page || 'runs'}`, `/${page}`);

  const first = await api('POST', '/runs', { ...quick, name: 'first words' });
  const runs = (id) => api('GET', `/runs/${id}`);
  await until('the first 60 steps', async () => (await runs(first.id)).progress.step >= 60);
  killTrainer(stack);
  const resumed = (event) => event.type === 'resumed';
  await until('the recovery', async () => (await api('GET', `/runs/${first.id}/events`)).items.some(resumed));
  await until('100 steps', async () => (await runs(first.id)).progress.step >= 100);
  await take('running-run', `/runs/${first.id}`, guesses);
  for (const page of ['', 'workers']) await take(`running-${page || 'runs'}`, `/${page}`);
  await until('the end of the first run', async () => (await runs(first.id)).status === 'completed');

  const failing = await api('POST', '/runs', fragile);
  await until('the second run', async () => (await runs(failing.id)).progress.step >= 10);
  killTrainer(stack);
  await until('its failure', async () => (await runs(failing.id)).status === 'failed');
  const wide = { ...quick, name: 'waits for four', distributed: { minWorkers: 4, maxWorkers: 4 } };
  const waiting = await api('POST', '/runs', wide);
  await take('completed-run', `/runs/${first.id}`, guesses);
  await take('failed-run', `/runs/${failing.id}`);
  await take('waiting-run', `/runs/${waiting.id}`);
  for (const page of ['', 'datasets', 'models', 'workers']) await take(`full-${page || 'runs'}`, `/${page}`);
  await take('unknown-run', `/runs/${waiting.id.slice(0, -4)}0000`);
  await take('form-from-run', `/new?from=${first.id}`);
  await api('POST', `/runs/${waiting.id}/cancel`);

  for (const dataset of taskDatasets) await upload(stack, dataset);
  const started = [];
  for (const run of taskRuns) started.push({ name: run.name, id: (await api('POST', '/runs', run)).id });
  for (const { name, id } of started) {
    await until(`the end of ${name}`, async () => (await runs(id)).status === 'completed');
    await take(`completed-${name}`, `/runs/${id}`, '[data-testid=guesses], canvas, .chart');
  }
  for (const page of ['', 'datasets', 'models']) await take(`tasks-${page || 'runs'}`, `/${page}`);
  for (const dataset of ['brown-pos', 'messages-de']) await take(`form-${dataset}`, `/new?dataset=${dataset}`);
}

async function upload({ url, apiKey }, { name, kind, file, content }) {
  const form = new FormData();
  form.append('name', name);
  form.append('kind', kind);
  form.append('file', new File([content], file));
  const headers = { authorization: `Bearer ${apiKey()}` };
  const answer = await fetch(`${url}/api/v1/datasets`, { method: 'POST', headers, body: form });
  if (!answer.ok) throw new PlainError(`The upload of ${name} answered ${answer.status}: ${await answer.text()}`);
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

/** Ends one rank's process the hard way, as the system's out-of-memory killer would. */
function killTrainer({ processes }) {
  const workers = processes.filter(({ name }) => name.startsWith('worker-')).map(({ pid }) => pid);
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const trainers = lines.flatMap((line) => {
    const [pid, parent, ...args] = line.trim().split(/\s+/);
    return workers.includes(Number(parent)) && args.join(' ').includes('trainer') ? [Number(pid)] : [];
  });
  process.kill(trainers[trainers.length - 1], 'SIGKILL');
}

async function until(what, holds) {
  const giveUp = Date.now() + 900_000;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new PlainError(`Waited 15 minutes in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

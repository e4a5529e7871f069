// Lighthouse on the main pages of the whole system, signed in: performance and accessibility, of 100.
// npm run bench:lighthouse -- [--pages runs,datasets,…] [--mobile]. Chromium: /usr/bin/chromium or CHROMIUM.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { signInLink } from '../tools/sign-in-link.mjs';
import { startStack } from '../tools/stack.mjs';
import { freePort } from './free-port.mjs';

/** Later ones want Node 22. */
const lighthouse = 'lighthouse@12.2.3';
const wanted = 95;
const paths = {
  runs: '/',
  new: '/new',
  datasets: '/datasets',
  models: '/models',
  playground: '/playground',
  lab: '/lab',
  workers: '/workers',
};
const { values: given } = parseArgs({
  options: { pages: { type: 'string', default: Object.keys(paths).join(',') }, mobile: { type: 'boolean' } },
});

const [load] = loadavg();
const dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-lighthouse-'));
const settings = { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: '1', RATE_LIMIT: '1000000' };
const stack = await startStack({ env: { LOG_LEVEL: 'warn', ...settings } });
const rows = [];
try {
  const signedIn = await fetch(await signInLink(stack), { redirect: 'manual' });
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]);
  for (const page of given.pages.split(',')) rows.push({ page, ...(await scores(page, cookie.join('; '))) });
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}
console.table(rows);
const missed = rows.filter(({ performance, accessibility }) => performance < wanted || accessibility < wanted).length;
console.log(
  `${missed === 0 ? 'ok' : 'MISSED'}: ${rows.length - missed} of ${rows.length} pages have ${wanted} and more; load average at the start ${load.toFixed(1)}`,
);
process.exitCode = missed === 0 ? 0 : 1;

/** @returns what Lighthouse gives a page, and the largest shift and the time of its largest paint */
async function scores(page, cookie, tries = 3) {
  if (!paths[page]) throw new Error(`there is no page ${page}: ${Object.keys(paths).join(', ')}`);
  const file = path.join(dataDir, `${page}.json`);
  const args = [
    ['exec', '--yes', `--package=${lighthouse}`, '--', 'lighthouse', `${stack.url}${paths[page]}`],
    ['--only-categories=performance,accessibility', ...(given.mobile ? [] : ['--preset=desktop'])],
    ['--output=json', `--output-path=${file}`, '--quiet', '--chrome-flags=--headless=new --no-sandbox'],
    [`--extra-headers=${JSON.stringify({ Cookie: cookie })}`],
  ].flat();
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const env = { ...process.env, CHROME_PATH: chromium };
  const [status] = await once(
    spawn('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], env, cwd: dataDir }),
    'exit',
  );
  // on a busy machine it loses the trace now and then
  if (status !== 0 && tries > 1) return scores(page, cookie, tries - 1);
  if (status !== 0) return { performance: 0, accessibility: 0, 'not accessible': `Lighthouse ended with ${status}` };
  const { categories, audits } = JSON.parse(await readFile(file, 'utf8'));
  const bad = Object.values(audits).filter(({ id, score }) => score === 0 && inAccessibility(categories, id));
  return {
    performance: Math.round(categories.performance.score * 100),
    accessibility: Math.round(categories.accessibility.score * 100),
    'largest paint, ms': Math.round(audits['largest-contentful-paint'].numericValue),
    'layout shift': Math.round(audits['cumulative-layout-shift'].numericValue * 1000) / 1000,
    'not accessible': bad.map(({ id }) => id).join(' '),
  };
}

function inAccessibility({ accessibility }, id) {
  return accessibility.auditRefs.some((audit) => audit.id === id);
}

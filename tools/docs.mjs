// `npm run docs`: the documentation as a static site in docs/site/dist. `-- --serve` also shows it. Works from a bare clone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runStep } from './bootstrap.mjs';
import { layOut } from './docs-pages.mjs';
import { root } from './paths.mjs';
import { runMain } from './plain-error.mjs';
import { isFresh, remember } from './stamps.mjs';

const site = path.join(root, 'docs/site');
const vitepress = path.join(site, 'node_modules/.bin/vitepress');
/** The generator is installed beside the site, not with everything else: whoever only trains does not wait for it. */
const install = { name: 'docs-site', inputs: ['docs/site/package-lock.json'] };

await runMain(() => {
  if (!existsSync(vitepress) || !isFresh(install)) {
    console.log('Installing the generator of the documentation (once)…');
    runStep(['npm', 'ci', '--prefix', site, '--ignore-scripts', '--loglevel=error']);
    remember(install);
  }
  layOut(path.join(site, 'pages'));
  runStep([vitepress, 'build', site], { quiet: true });
  console.log(`The documentation is in ${path.relative(process.cwd(), path.join(site, 'dist'))}`);
  if (!process.argv.includes('--serve')) return 0;
  return spawnSync(vitepress, ['preview', site], { stdio: 'inherit' }).status ?? 0;
});

// `npm run check`: all that can be checked without running the product. Every check runs, also after one has failed.
import { bootstrap, runStep } from './bootstrap.mjs';
import { brokenLinks } from './docs-links.mjs';
import { documents } from './docs-pages.mjs';
import { generate, generated } from './generate.mjs';
import { root } from './paths.mjs';
import { PlainError, runMain, sentence } from './plain-error.mjs';

const checks = {
  'format and lint': () => runStep(['biome', 'check', '--error-on-warnings', '.'], { quiet: true }),
  'types of the dashboard': () => runStep(['tsc', '-p', 'apps/dashboard', '--noEmit'], { quiet: true }),
  'types of the tests': () => runStep(['tsc', '-p', 'test', '--noEmit'], { quiet: true }),
  'imports and cycles': () =>
    runStep(['depcruise', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', '--output-type', 'err'], {
      quiet: true,
    }),
  'unused files, exports and dependencies': () => runStep(['knip'], { quiet: true }),
  'compose file': () => runStep(['dclint', '--quiet', 'docker-compose.yml', 'docker-compose.gpu.yml'], { quiet: true }),
  'links of the documentation': () => {
    const broken = brokenLinks(root, documents());
    if (broken.length > 0) throw new PlainError(broken.join('\n'));
  },
  'generated files': () => {
    generate();
    runStep(['git', 'diff', '--exit-code', '--', ...generated], { quiet: true });
  },
};

await runMain(() => {
  bootstrap();
  console.log('ok      types of libraries and programs');
  const failed = Object.entries(checks).filter(([name, check]) => !passes(name, check));
  if (failed.length > 0) throw new PlainError(`Failed: ${failed.map(([name]) => name).join(', ')}.`);
});

function passes(name, check) {
  try {
    check();
    console.log(`ok      ${name}`);
    return true;
  } catch (error) {
    console.error(`FAILED  ${name}: ${sentence(error) ?? error.stack}`);
    return false;
  }
}

// `npm run generate`: files that are made from others and committed, so that a change of the API shows in review.
import { bootstrap, runStep } from './bootstrap.mjs';
import { runMain } from './plain-error.mjs';

/** What is made; `npm run check` fails where these differ from what is committed. */
export const generated = ['libs/client/openapi.json', 'libs/client/src/schema.ts'];

/** The API's document from its routes, then the client's types from the document. */
export function generate() {
  runStep(['node', 'apps/api/dist/openapi/write.js'], { quiet: true });
  runStep(['npm', 'run', 'generate', '-w', '@regatta/client'], { quiet: true });
  runStep(['biome', 'check', '--write', 'libs/client/src/schema.ts'], { quiet: true });
}

if (process.argv[1] === import.meta.filename) {
  await runMain(() => {
    bootstrap();
    generate();
  });
}

// `npm run regatta -- …`: the CLI, built first where that is needed, in the folder that npm was called from.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { root } from './paths.mjs';
import { runMain } from './plain-error.mjs';

await runMain(() => {
  bootstrap();
  const program = path.join(root, 'apps/cli/dist/main.js');
  const env = { ...process.env, DATA_DIR: path.resolve(root, process.env.DATA_DIR || '.regatta') };
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd, env, stdio: 'inherit' }).status ?? 1;
});

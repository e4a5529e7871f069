import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi } from '../support/api.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const root = path.resolve(import.meta.dirname, '../..');
/** The commands of the documentation are run as they stand, but for sizes: this is enough to see that each works. */
const small = { bert: 'bert-debug', translate: 'debug', maxSteps: 3 };

let api: TestApi;
let gradients: TestRedis;
let worker: ChildProcess | undefined;
let folder: string;

beforeAll(async () => {
  [api, gradients] = await Promise.all([TestApi.start(), startRedis()]);
  folder = mkdtempSync(path.join(tmpdir(), 'regatta-docs-'));
  for (const [name, text] of Object.entries({ 'shims.sh': shims, 'shrink.mjs': shrink, 'newest.mjs': newest }))
    writeFileSync(path.join(folder, name), text);
  const ARTIFACTS_URL = `file://${api.dataDir}/artifacts`;
  const urls = { REDIS_URL: api.redisServer.url, GRADIENT_REDIS_URL: gradients.url, ARTIFACTS_URL };
  worker = spawn(process.execPath, [path.join(root, 'apps/worker/dist/main.js')], {
    env: { ...process.env, ...urls, NODE_OPTIONS: '', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(async () => (await api.call('get', '/workers')).body.items.length > 0, { what: 'a worker' });
});
afterAll(async () => {
  if (worker) {
    const gone = once(worker, 'exit');
    worker.kill('SIGTERM');
    await gone;
  }
  await Promise.all([api?.stop(), gradients?.stop()]);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/**
 * `npm run regatta --` without npm's own seconds; MODEL_ID is the newest model. Before a file is submitted, `shrink` makes its run small.
 */
const shims = `set -eo pipefail
regatta() { node "${root}/apps/cli/dist/main.js" "$@"; }
npm() {
  shift 3
  local words=() word
  if [ "$1 $2" = 'run submit' ]; then node "$PWD/shrink.mjs" "$3"; fi
  for word in "$@"; do
    [ "$word" = MODEL_ID ] && word=$(node "$PWD/newest.mjs")
    words+=("$word")
  done
  regatta "\${words[@]}"
}
`;

const shrink = `import fs from 'node:fs';
import { parse } from '${path.join(root, 'node_modules/yaml/dist/index.js')}';
const file = process.argv[2];
const body = parse(fs.readFileSync(file, 'utf8'));
if (body.training) {
  body.training.maxSteps = ${small.maxSteps};
  if (body.task === 'translate') body.model = { ...body.model, preset: '${small.translate}' };
  else if (!body.model?.base) body.model = { ...body.model, preset: '${small.bert}' };
}
fs.writeFileSync(file, JSON.stringify(body));
`;

const newest = `const headers = { authorization: 'Bearer ' + process.env.REGATTA_API_KEY };
const answer = await fetch(process.env.REGATTA_URL + '/api/v1/models', { headers });
console.log((await answer.json()).items[0].id);
`;

/** The shell commands of a page, block by block. */
const blocksOf = (page: string): string[] =>
  [...readFileSync(path.join(root, 'docs', page), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text]) => text);

async function run(block: string): Promise<string> {
  const child = spawn('bash', ['-c', `. ./shims.sh\n${block}`], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', REGATTA_URL: api.url, REGATTA_API_KEY: api.roles.admin },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`exit code ${code}\n${block}\n${printed}`);
  return printed;
}

describe('the commands of the documentation', () => {
  it('pretrain, fine-tune, translate, look into attention, export (docs/tasks.md)', async () => {
    const blocks = blocksOf('tasks.md').filter((block) => !block.includes('FOLDER'));
    expect(blocks.length).toBe(4);
    const printed: string[] = [];
    for (const block of blocks) printed.push(await run(block));
    expect(printed[0]).toMatch(/completed[\s\S]*base/);
    expect(printed[1]).toMatch(/(odd|even) \([\d.]+ %\)/);
    expect(printed[2]).toContain('Written to reverse.zip');
    expect(printed[3]).toContain('completed');
  });

  it('start (docs/start.md): own data, fine-tuned from the demo, predicted from', async () => {
    await run(`cat > demo.yaml <<'END'
name: "Demo: BERT learns English"
task: bert-pretrain
dataset: toy-grammar
tokenizer: { vocabSize: 200 }
training: { maxLength: 64 }
END
npm run regatta -- run submit demo.yaml --follow`);
    const printed: string[] = [];
    for (const block of blocksOf('start.md'))
      printed.push(await run(block.replace(/^npm run regatta -- doctor$/m, '')));
    expect(printed.join('')).toMatch(/(good|bad) \([\d.]+ %\)/);
  });
});

// Cases made from the OpenAPI document by schemathesis (schemathesis.readthedocs.io), valid ones and wrong ones, sent
// to the whole system: no answer of 500 or above, and none that the document does not have.
// npm run bench:schemathesis -- [--examples 100] [--seed 1] [--minutes 10] [--include REGEX]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startStack } from '../../tools/stack.mjs';
import { freePort } from '../free-port.mjs';
import { pythonWithSchemathesis } from '../python.mjs';

const { values: given } = parseArgs({
  options: {
    examples: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    include: { type: 'string' },
  },
});
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'ignored_auth',
];
/** A stream that never ends; and calls that would end the key that all the others come with. */
const excluded = '(/stream|/sign-out|/api-keys/\\{id\\})$';

/** What may be said of a request that breaks the document: schemathesis's own list, and that it is too large. */
const refusals = ['400', '401', '403', '404', '405', '406', '409', '413', '415', '422', '428', '429', '431', '5xx'];

const [load] = loadavg();
const python = pythonWithSchemathesis();
const dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-schemathesis-'));
const settings = { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: '0', RATE_LIMIT: '1000000' };
const stack = await startStack({ env: { LOG_LEVEL: 'warn', ...settings } });
await writeFile(
  path.join(dataDir, 'schemathesis.toml'),
  `[checks.negative_data_rejection]\nexpected-statuses = ${JSON.stringify(refusals)}\n`,
);
let status = 1;
try {
  const report = path.join(dataDir, 'report.xml');
  const args = [
    ['run', `${stack.url}/api/openapi.json`],
    ['--header', `Authorization: Bearer ${stack.apiKey()}`],
    ['--checks', checks.join(',')],
    given.include ? ['--include-path-regex', given.include] : [],
    ['--exclude-path-regex', excluded],
    ['--max-examples', given.examples, '--seed', given.seed, '--max-time', String(Number(given.minutes) * 60)],
    ['--continue-on-failure', '--request-timeout', '60', '--suppress-health-check', 'all', '--warnings', 'off'],
    ['--generation-database', 'none', '--report', 'junit', '--report-junit-path', report, '--no-color'],
  ].flat();
  const run = spawn(python, ['-m', 'schemathesis.cli', ...args], {
    cwd: dataDir,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  [status] = await once(run, 'exit');
  const log = await readFile(path.join(stack.logs, 'api.log'), 'utf8');
  const crashes = log.split('\n').filter((line) => line.includes('a request failed'));
  for (const line of crashes.slice(0, 20)) console.error(line);
  if (crashes.length > 0) status = 1;
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}
console.log(
  `${status === 0 ? 'ok' : 'MISSED'}: no answer of 500 and none that is undocumented; load average at the start ${load.toFixed(1)}`,
);
process.exitCode = status === 0 ? 0 : 1;

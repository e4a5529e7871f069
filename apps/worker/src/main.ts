import { fileURLToPath } from 'node:url';
import { ConfigError, loadConfig, required } from '@regatta/config';
import { openStore } from '@regatta/storage';
import { type Logger, pino } from 'pino';
import { Agent } from './agent/agent.js';
import { newestCheckpoint } from './agent/checkpoints.js';
import { chooseEngine } from './agent/engine-choice.js';
import { fingerprint, readCodeVersion } from './agent/fingerprint.js';
import { RunLog } from './agent/run-log.js';

/** A worker: `node apps/worker/dist/main.js`. Ends within 10 s of SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig();
  const codeVersion = readCodeVersion();
  const { threads, logLevel, artifactsUrl } = config;
  const runLog = new RunLog();
  const log: Logger = pino(
    { level: logLevel, base: { program: 'worker', pid: process.pid } },
    pino.multistream([
      { level: 'trace', stream: process.stdout },
      { level: 'trace', stream: runLog },
    ]),
  );
  const { engine, device } = await chooseEngine(config.engine, log);
  const agent = new Agent({
    settings: {
      redisUrl: required(config, 'redisUrl', 'REDIS_URL'),
      gradientRedisUrls: required(config, 'gradientRedisUrls', 'GRADIENT_REDIS_URL'),
      artifactsUrl,
      engine,
      threads,
      logLevel,
      codeVersion,
    },
    fingerprint: fingerprint(engine, threads, codeVersion, device),
    device: device ?? undefined,
    trainer: fileURLToPath(new URL('./trainer/main.js', import.meta.url)),
    predictor: fileURLToPath(new URL('./predictor/main.js', import.meta.url)),
    newestCheckpoint: newestCheckpoint(openStore(artifactsUrl)),
    chaos: config.chaos,
    runLog,
    log,
  });
  endOnSignals(agent, log);
  await agent.start();
}

/**
 * The first signal drains; those that follow (a terminal and a launcher may both send one) change nothing. After ten seconds the process ends
 * in any case: its children see their channel close, and exit.
 */
function endOnSignals(agent: Agent, log: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), 10_000).unref();
    agent.stop().then(
      () => process.exit(0),
      (error: Error) => {
        log.error({ error: error.message }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: Error) => {
  // A wrong setting is a sentence for a person; anything else is a fault, and its stack is wanted.
  process.stderr.write(`${error instanceof ConfigError ? error.message : error.stack}\n`);
  process.exit(1);
});

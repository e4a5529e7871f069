// A real agent with a trainer (and predictor) that are not: node fake-agent.mjs '{"settings": …, "fingerprint": …}'
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Agent } from '../../apps/worker/dist/agent/agent.js';
import { RunLog } from '../../apps/worker/dist/agent/run-log.js';

const { settings, fingerprint } = JSON.parse(process.argv[2]);
const checkpoints = new Redis(settings.redisUrl, { maxRetriesPerRequest: null });
checkpoints.on('error', () => {});

const runLog = new RunLog();
const agent = new Agent({
  settings,
  fingerprint,
  trainer: fileURLToPath(new URL('./fake-trainer.mjs', import.meta.url)),
  predictor: fileURLToPath(new URL('./fake-predictor.mjs', import.meta.url)),
  newestCheckpoint: async (runId) => {
    const steps = Object.keys(await checkpoints.hgetall(`fake:${runId}:checkpoints`)).map(Number);
    const bad = Number((await checkpoints.hget(`fake:${runId}`, 'corrupt')) ?? -1);
    const good = steps.filter((step) => step !== bad);
    const refused = steps.includes(bad) ? [{ step: bad, reason: 'model.safetensors is truncated' }] : [];
    return { step: good.length > 0 ? Math.max(...good) : null, refused };
  },
  runLog,
  chaos: true,
  log: pino({ level: settings.logLevel }, pino.multistream([{ stream: process.stdout }, { stream: runLog }])),
});
process.on('SIGTERM', () => void agent.stop().then(() => process.exit(0)));
await agent.start();

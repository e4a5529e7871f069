// `npm run demo`: the whole system, and on it a BERT that learns English from the Brown corpus while you watch.
// `-- --exit` ends when the run has ended: exit code 0 if it learnt what it should, else 1.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrap } from './bootstrap.mjs';
import { demoRun, fillMasks, verdict } from './demo-run.mjs';
import { PlainError, runMain } from './plain-error.mjs';
import { signInLink } from './sign-in-link.mjs';
import { startStack } from './stack.mjs';
import { stopSignals } from './stop-signals.mjs';

await runMain(async () => {
  const exit = process.argv.includes('--exit');
  bootstrap();
  const signal = stopSignals();
  const stack = await startStack({ signal });
  try {
    console.log(`\nDashboard   ${await signInLink(stack)}   (signs you in once)\nLogs        ${stack.logs}\n`);
    const learnt = await runDemo(stack, signal);
    if (exit || signal.aborted) return learnt ? 0 : 1;
    console.log(`\nEverything stays up at ${stack.url}; Ctrl-C stops it, and \`npm start\` finds this run again.`);
    await stack.ended;
    return 0;
  } finally {
    await stack.stop();
  }
});

/** @returns {Promise<boolean>} whether the run completed and its model learnt what it should */
async function runDemo(stack, signal) {
  const { answer, createClient } = await import('@regatta/client');
  const { explain, followRun } = await import('@regatta/cli');
  const client = createClient({ baseUrl: stack.url, apiKey: stack.apiKey() });
  try {
    await workersAreThere(client, stack);
    const headers = { 'idempotency-key': randomUUID() };
    const queued = await answer(client.POST('/api/v1/runs', { body: demoRun, headers }));
    console.log(`Queued: BERT (${demoRun.model.preset}) on the Brown corpus, ${demoRun.training.maxSteps} steps.`);
    console.log(`Watch it at ${stack.url}/runs/${queued.id}\n`);
    const run = await followRun(client, queued.id, { signal, terminal: process.stdout.isTTY });
    if (signal.aborted) return false;
    if (run.status !== 'completed') {
      console.log(`\nThe run ended as ${run.status}: ${run.error?.message ?? 'no reason was given'}`);
      return false;
    }
    const { lines, learnt } = verdict(run);
    console.log(`\n${lines.join('\n')}\n\nWords it puts in the gaps:`);
    console.log((await fillMasks(client, run.model)).join('\n'));
    return learnt;
  } catch (error) {
    if (signal.aborted) return false;
    throw error instanceof PlainError ? error : new PlainError(explain(error));
  }
}

/** A run that is queued before all have signed on would start with those that are there. */
async function workersAreThere(client, { processes, logs }) {
  const wanted = processes.filter(({ name }) => name.startsWith('worker-')).length;
  const giveUp = Date.now() + 120_000;
  for (;;) {
    const { data } = await client.GET('/api/v1/workers');
    if (data.items.filter(({ status }) => status !== 'lost').length >= wanted) return;
    if (Date.now() > giveUp) throw new PlainError(`The workers did not get ready; their logs: ${logs}/worker-*.log`);
    await sleep(200);
  }
}

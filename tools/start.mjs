// `npm start`: the whole system on this machine, until Ctrl-C. `-- --no-build` starts what was built before.
import { bootstrap } from './bootstrap.mjs';
import { runMain } from './plain-error.mjs';
import { signInLink } from './sign-in-link.mjs';
import { startStack } from './stack.mjs';
import { stopSignals } from './stop-signals.mjs';

await runMain(async () => {
  if (!process.argv.includes('--no-build')) bootstrap();
  const signal = stopSignals();
  const stack = await startStack({ signal });
  try {
    const workers = stack.processes.filter(({ name }) => name.startsWith('worker-')).length;
    console.log(`
Regatta is running.
  Dashboard   ${await signInLink(stack)}   (signs you in once)
  REST API    ${stack.url}/api/docs   (admin key: ${stack.dataDir}/api-key)
  Workers     ${workers}
  Logs        ${stack.logs}
Ctrl-C stops it; the next start finds your runs.`);
    await stack.ended;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await stack.stop();
  }
});

import { answer } from '@regatta/client';
import type { Page, Worker } from '@regatta/contracts';
import type { Command } from 'commander';
import { type Context, contextOf } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { plural, table } from '../format.js';
import { type Finding, inspectMachine } from '../machine.js';
import { explain, show } from '../output.js';

/** `regatta doctor`: whether everything a run needs is there, each with what to do about it. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this machine and the installation: what is there, what is missing, what to do')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      const installation = await inspectInstallation(context);
      const answers = installation[0].state === 'ok';
      const { port } = new URL(context.url);
      const findings = [...(await inspectMachine(Number(port) || 80, answers ? context.url : null)), ...installation];
      show(context, findings, () =>
        table(
          ['', '', '', ''],
          findings.map(({ what, state, found, next }) => [state === 'ok' ? '✓' : state, what, found, next]),
        ),
      );
      if (findings.some(({ state }) => state === 'missing')) process.exitCode = exitCodes.failed;
    });
}

/** The first finding is whether the API answers; without it there is no other. */
async function inspectInstallation({ client, url }: Context): Promise<Finding[]> {
  try {
    const me = (await answer(client.GET('/api/v1/me'))) as { name: string; role: string };
    const { items } = (await answer(client.GET('/api/v1/workers'))) as Page<Worker>;
    const alive = items.filter(({ status }) => status !== 'lost').length;
    const next = 'Start one: node apps/worker/dist/main.js, or WORKERS=2 npm start.';
    return [
      { what: 'API', state: 'ok', found: `${url} answers ${me.name} (${me.role})`, next: '' },
      {
        what: 'Workers',
        state: alive > 0 ? 'ok' : 'missing',
        found: `${plural(alive, 'worker')} alive`,
        next: alive > 0 ? '' : next,
      },
    ];
  } catch (error) {
    return [{ what: 'API', state: 'missing', found: 'cannot be used', next: explain(error) }];
  }
}

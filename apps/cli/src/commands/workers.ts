import { answer } from '@regatta/client';
import type { Page, Worker } from '@regatta/contracts';
import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { plural, table } from '../format.js';
import { show } from '../output.js';

export function addWorkerCommands(program: Command): void {
  program
    .command('worker')
    .description('the processes that train')
    .command('list')
    .description('workers and what they do')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      const page = (await answer(context.client.GET('/api/v1/workers'))) as Page<Worker>;
      show(context, page, ({ items }) =>
        table(
          ['id', 'host', 'status', 'run', 'rank', 'seen'],
          items.map((one) => [
            one.id,
            one.host,
            one.status,
            one.run ?? '–',
            one.rank ?? '–',
            `${one.heartbeatAge.toFixed(1)} s ago`,
          ]),
        ),
      );
    });
}

/** `regatta doctor`: whether everything a run needs is there, each with what to do about it. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check what a run needs')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      const me = (await answer(context.client.GET('/api/v1/me'))) as { name: string; role: string };
      const { items } = (await answer(context.client.GET('/api/v1/workers'))) as Page<Worker>;
      const alive = items.filter(({ status }) => status !== 'lost');
      const found = { url: context.url, key: me.name, role: me.role, workers: alive.length };
      show(context, found, () =>
        [
          `API       ${context.url} answers`,
          `Key       ${me.name} (${me.role})`,
          `Workers   ${plural(alive.length, 'worker')} alive`,
        ].join('\n'),
      );
      if (alive.length > 0) return;
      console.error(
        'No worker is alive: start one with `node apps/worker/dist/main.js`, or `npm start` with WORKERS=2.',
      );
      process.exitCode = 1;
    });
}

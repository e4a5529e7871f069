import { answer } from '@regatta/client';
import {
  type ChaosAnswer,
  type FaultKind,
  faultKinds,
  faults,
  type Page,
  type Run,
  type Worker,
} from '@regatta/contracts';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { type Context, contextOf } from '../context.js';
import { table } from '../format.js';
import { show } from '../output.js';

export function addWorkerCommands(program: Command): void {
  const workers = program.command('worker').description('the processes that train');
  workers
    .command('list')
    .description('workers and what they do')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      const page = (await answer(context.client.GET('/api/v1/workers'))) as Page<Worker>;
      show(context, page, ({ items }) =>
        [
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
          ...items.flatMap(({ id, warning }) => (warning ? [`${id}: ${warning}`] : [])),
        ].join('\n'),
      );
    });
  for (const [verb, says] of [
    ['drain', 'take a worker out of all runs after the step under way; the others go on'],
    ['resume', 'let a drained worker take part in runs again'],
  ] as const) {
    workers
      .command(verb)
      .description(says)
      .argument('<worker>')
      .action(async (worker: string, _options: unknown, command: Command) => {
        const context = contextOf(command);
        const call = context.client.POST(`/api/v1/workers/{worker}/${verb}`, { params: { path: { worker } } });
        show(context, (await answer(call)) as Worker, ({ id, host, status }) => `${id} on ${host}: ${status}`);
      });
  }
}

interface ChaosOptions {
  worker?: string;
  run?: string;
  rank: number;
  atStep?: number;
  seconds?: number;
}

/** `regatta chaos`: faults on purpose, where the system was started with CHAOS=1. */
export function addChaosCommand(program: Command): void {
  const described = faultKinds.map((kind) => `  ${kind.padEnd(13)} ${faults[kind].says}`).join('\n');
  program
    .command('chaos')
    .description('do something bad to a worker, to see what comes of it (only where CHAOS=1)')
    .addArgument(new Argument('<fault>', 'what happens').choices(faultKinds))
    .addOption(new Option('--worker <id>', 'to which worker (worker list)').conflicts('run'))
    .option('--run <id>', 'to a worker of this run …')
    .option('--rank <rank>', '… that is this rank of it', number, 0)
    .option('--at-step <step>', 'once this step is committed (default: at once)', number)
    .option('--seconds <seconds>', 'how long it lasts (hang-worker, slow)', number)
    .addHelpText('after', `\nFaults:\n${described}`)
    .action(async (kind: FaultKind, options: ChaosOptions, command: Command) => {
      const context = contextOf(command);
      const worker = options.worker ?? (await workerOf(context, options, command));
      const { atStep, seconds } = options;
      const call = context.client.POST('/api/v1/workers/{worker}/chaos', {
        params: { path: { worker } },
        // what does not fit the fault is the API's to refuse
        body: { fault: kind, atStep, seconds } as never,
      });
      show(context, (await answer(call)) as ChaosAnswer, (done) =>
        [`${done.fault}: worker ${done.worker}`, done.rank === null ? '' : `, rank ${done.rank} of ${done.run}`].join(
          '',
        ),
      );
    });
}

async function workerOf(context: Context, { run: id, rank }: ChaosOptions, command: Command): Promise<string> {
  if (id === undefined) command.error('error: say to whom, with --worker or --run');
  const run = (await answer(context.client.GET('/api/v1/runs/{id}', { params: { path: { id } } }))) as Run;
  const found = run.workers.find((one) => one.rank === rank);
  if (!found)
    throw new Error(`${run.name} has no rank ${rank} now: it is ${run.status} on ${run.workers.length} workers.`);
  return found.workerId;
}

function number(text: string): number {
  if (text === '' || !Number.isFinite(Number(text))) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}

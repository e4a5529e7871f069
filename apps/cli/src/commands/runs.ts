import { randomUUID } from 'node:crypto';
import { answer } from '@regatta/client';
import type { Page, Run } from '@regatta/contracts';
import { metric } from '@regatta/contracts';
import { type Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import { type Context, contextOf } from '../context.js';
import { followRun } from '../follow.js';
import { decimal, duration, table } from '../format.js';
import { show } from '../output.js';
import { RunFile } from '../run-file.js';

export function addRunCommands(program: Command): void {
  const runs = program.command('run').description('queue, watch and cancel runs');
  runs
    .command('submit')
    .description('queue the run that a JSON or YAML file describes (- reads standard input)')
    .argument('<file>')
    .option('--follow', 'stay and watch it')
    .action(async (file: string, options: { follow?: boolean }, command: Command) => {
      const context = contextOf(command);
      const described = RunFile.read(file);
      // The key makes a repetition harmless: should the answer be lost, the same run is answered again.
      const headers = { 'idempotency-key': randomUUID() };
      const call = context.client.POST('/api/v1/runs', { body: described.body as never, headers });
      const run = (await answer(call).catch((error) => {
        throw described.explain(error);
      })) as Run;
      if (!options.follow) return show(context, run, () => `Queued ${run.name}: ${run.id}`);
      await watch(context, run.id);
    });
  runs
    .command('list')
    .description('runs, newest first')
    .option('--status <status>', 'only those in this state')
    .action(async (query: { status?: Run['status'] }, command: Command) => {
      const context = contextOf(command);
      const page = (await answer(context.client.GET('/api/v1/runs', { params: { query } }))) as Page<Run>;
      show(context, page, ({ items }) => table(['id', 'name', 'status', 'step', 'loss', 'left'], items.map(row)));
    });
  runs
    .command('watch')
    .description('a run from its beginning until it has finished')
    .argument('<id>')
    .action((id: string, _options: unknown, command: Command) => watch(contextOf(command), id));
  runs
    .command('retry')
    .description('queue a finished run again')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const headers = { 'idempotency-key': randomUUID() };
      const call = context.client.POST('/api/v1/runs/{id}/retry', { params: { path: { id } }, headers });
      show(context, (await answer(call)) as Run, (run) => `Queued ${run.name}: ${run.id}`);
    });
  runs
    .command('fork')
    .description('queue a new run that goes on from a checkpoint of this one')
    .argument('<id>')
    .requiredOption('--checkpoint <step>', 'step of the checkpoint', wholeNumber)
    .option('--set <field=value>', 'what differs, such as optimizer.learningRate=1e-4 (repeatable)', setting, {})
    .action(async (id: string, options: { checkpoint: number; set: Changes }, command: Command) => {
      const context = contextOf(command);
      const headers = { 'idempotency-key': randomUUID() };
      const body = { checkpoint: options.checkpoint, changes: options.set };
      const call = context.client.POST('/api/v1/runs/{id}/fork', { params: { path: { id } }, body, headers });
      show(context, (await answer(call)) as Run, (run) => `Queued ${run.name}: ${run.id}`);
    });
  runs
    .command('cancel')
    .description('stop a run')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const call = context.client.POST('/api/v1/runs/{id}/cancel', { params: { path: { id } } });
      show(context, (await answer(call)) as Run, (run) => `${run.name} is being cancelled.`);
    });
  runs
    .command('pause')
    .description('stop a run at its next step with a checkpoint, and free its workers')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const call = context.client.POST('/api/v1/runs/{id}/pause', { params: { path: { id } } });
      show(context, (await answer(call)) as Run, (run) => `${run.name} is being paused.`);
    });
  runs
    .command('resume')
    .description('let a paused run go on')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const context = contextOf(command);
      const call = context.client.POST('/api/v1/runs/{id}/resume', { params: { path: { id } } });
      show(context, (await answer(call)) as Run, (run) => `${run.name} goes on when workers are free.`);
    });
  runs
    .command('scale')
    .description('change how many workers a run may have')
    .argument('<id>')
    .option('--min <workers>', 'fewest that may train', wholeNumber)
    .option('--max <workers>', 'most that may train', wholeNumber)
    .action(async (id: string, { min, max }: { min?: number; max?: number }, command: Command) => {
      const context = contextOf(command);
      const body = { minWorkers: min, maxWorkers: max };
      const call = context.client.POST('/api/v1/runs/{id}/scale', { params: { path: { id } }, body });
      show(context, (await answer(call)) as Run, ({ name, config }) => {
        const { minWorkers, maxWorkers } = config.distributed as { minWorkers: number; maxWorkers: number };
        return `${name} may have ${minWorkers} to ${maxWorkers} workers.`;
      });
    });
}

interface Changes {
  [field: string]: unknown;
}

/** `a.b=value` put into what was said before; the value is read as YAML: a number, true, null, [a, b], or text. */
function setting(text: string, before: Changes): Changes {
  const [, path, value] = /^([A-Za-z][\w.]*)=(.*)$/s.exec(text) ?? [];
  if (path === undefined) throw new InvalidArgumentError('It must be field=value.');
  return put(before, path.split('.'), parse(value));
}

function put(target: Changes, [field, ...rest]: string[], value: unknown): Changes {
  return { ...target, [field]: rest.length === 0 ? value : put((target[field] ?? {}) as Changes, rest, value) };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

async function watch(context: Context, id: string): Promise<void> {
  const terminal = process.stdout.isTTY && !context.json;
  const print = context.json ? () => undefined : context.print;
  const run = await followRun(context.client, id, { terminal, print });
  show(context, run, () => (run.error ? `${run.status}: ${run.error.message}` : run.status));
  if (run.status !== 'completed') process.exitCode = 1;
}

function row({ id, name, status, progress, metrics }: Run): string[] {
  const { step, maxSteps, etaSeconds } = progress;
  return [id, name, status, `${step}/${maxSteps ?? '?'}`, decimal(metrics[metric.trainLoss]), duration(etaSeconds)];
}

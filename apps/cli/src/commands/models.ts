import { createWriteStream, existsSync, openAsBlob } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { answer, identity, readProblem } from '@regatta/client';
import type { EvaluateResult, Page } from '@regatta/contracts';
import { type Command, Option } from 'commander';
import { contextOf } from '../context.js';
import { count, decimal, plural, table } from '../format.js';
import { show } from '../output.js';
import { predictBodyOf, type Question, spoken } from '../predict.js';

interface Model {
  id: string;
  name: string;
  kind: string | null;
  stage: string;
  step: number;
  parameters: number;
}

/** What transformers' save_pretrained writes of a BERT, as far as it is needed. */
const folderFiles = ['config.json', 'model.safetensors', 'vocab.txt', 'tokenizer.json', 'tokenizer_config.json'];

export function addModelCommands(program: Command): void {
  const models = program.command('model').description('trained and imported models');
  models
    .command('list')
    .description('models, newest first')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      const page = (await answer(context.client.GET('/api/v1/models'))) as Page<Model>;
      const row = (one: Model) => [one.id, one.name, one.kind ?? '–', one.stage, count(one.parameters)];
      show(context, page, ({ items }) => table(['id', 'name', 'kind', 'stage', 'parameters'], items.map(row)));
    });
  models
    .command('import')
    .description('bring a BERT from a Hugging Face folder')
    .argument('<folder>')
    .option('--name <name>', 'default: the name of the folder')
    .action(async (folder: string, options: { name?: string }, command: Command) => {
      const context = contextOf(command);
      const form = new FormData();
      form.set('name', options.name ?? path.basename(path.resolve(folder)));
      for (const name of folderFiles) {
        const file = path.join(folder, name);
        if (existsSync(file)) form.append('file', await openAsBlob(file), name);
      }
      const call = context.client.POST('/api/v1/models/import', { body: form as never, bodySerializer: () => form });
      show(context, (await answer(call)) as Model, said);
    });
  addPredict(models);
  models
    .command('evaluate')
    .description('measure a model on a dataset')
    .argument('<id>')
    .argument('<dataset>')
    .addOption(new Option('--split <split>', 'which of its examples').choices(['all', 'train', 'validation', 'test']))
    .action(async (id: string, dataset: string, options: { split?: 'all' }, command: Command) => {
      const context = contextOf(command);
      const call = context.client.POST('/api/v1/models/{id}/evaluate', {
        params: { path: { id } },
        body: { dataset, ...options },
      });
      show(context, (await answer(call)) as EvaluateResult, ({ metrics, examples }) =>
        [
          plural(examples, 'example'),
          ...Object.entries(metrics).map(([name, value]) => `${name} ${decimal(value)}`),
        ].join('\n'),
      );
    });
  models
    .command('export')
    .description('download a model as a zip: a Hugging Face folder, or ONNX')
    .argument('<id>')
    .addOption(new Option('--format <format>').choices(['huggingface', 'onnx']).default('huggingface'))
    .option('--out <file>', 'default: ID.zip')
    .action(async (id: string, options: { format: string; out?: string }, command: Command) => {
      const context = contextOf(command);
      const file = options.out ?? `${id}.zip`;
      const { options: client } = context.client;
      const address = `${context.url}/api/v1/models/${encodeURIComponent(id)}/export?format=${options.format}`;
      const response = await fetch(address, { headers: identity(client, 'GET') });
      if (!response.ok) throw await readProblem(response);
      await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
      show(context, { file }, () => `Written to ${file}`);
    });
}

function addPredict(models: Command): void {
  models
    .command('predict')
    .description('ask a model: fill the [MASK]s of a text, classify, tag or translate it, answer a question')
    .argument('<id>')
    .argument('<text>', 'the text, or the question')
    .option('--pair <text>', 'the second text of a pair')
    .option('--context <text>', 'where a question is to be answered from')
    .option('--top <k>', 'how many answers')
    .option('--beam <n>', 'translations that are kept at each token')
    .action(async (id: string, text: string, options: Omit<Question, 'text'>, command: Command) => {
      const context = contextOf(command);
      const params = { path: { id } };
      const { kind } = (await answer(context.client.GET('/api/v1/models/{id}', { params }))) as Model;
      const body = predictBodyOf(kind, { text, ...options });
      const call = context.client.POST('/api/v1/models/{id}/predict', { params, body: body as never });
      show(context, await answer(call), spoken);
    });
}

const said = ({ id, name, kind, parameters }: Model): string =>
  `${name} (${kind ?? 'an encoder without a head'}, ${count(parameters)} parameters): ${id}`;

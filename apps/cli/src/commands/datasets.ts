import { openAsBlob } from 'node:fs';
import path from 'node:path';
import { answer } from '@regatta/client';
import { type Dataset, datasetUpload, type Page } from '@regatta/contracts';
import { type Command, Option } from 'commander';
import { contextOf } from '../context.js';
import { count, table } from '../format.js';
import { show } from '../output.js';

const { name: _, file: __, validation: ___, test: ____, ...settings } = datasetUpload.shape;
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

type Options = Partial<Record<keyof typeof settings | 'name' | 'validation' | 'test', string>>;

export function addDatasetCommands(program: Command): void {
  const datasets = program.command('dataset').description('data to train on');
  datasets
    .command('list')
    .description('datasets and their versions, newest first')
    .action(async (_options: unknown, command: Command) => {
      const context = contextOf(command);
      const page = (await answer(context.client.GET('/api/v1/datasets'))) as Page<Dataset>;
      const row = (one: Dataset) => [one.id, `${one.name}@${one.version}`, one.kind, contents(one)];
      show(context, page, ({ items }) => table(['id', 'name', 'kind', 'contents'], items.map(row)));
    });
  const add = datasets
    .command('add')
    .description('upload a dataset: one file, or for parallel text the source lines and then the target lines')
    .argument('<files...>')
    .option('--name <name>', 'default: the name of the first file')
    .option('--validation <file>', 'held-out data of the same form')
    .option('--test <file>', 'test data of the same form');
  for (const [name, schema] of Object.entries(settings)) {
    const option = new Option(`--${kebab(name)} <value>`, schema.description);
    const choices = choicesOf(schema);
    add.addOption(choices ? option.choices(choices) : option);
  }
  add.action(async (files: string[], options: Options, command: Command) => {
    const context = contextOf(command);
    const form = new FormData();
    form.set('name', options.name ?? path.parse(files[0]).name);
    for (const name of Object.keys(settings) as (keyof typeof settings)[]) {
      const value = options[name];
      if (value !== undefined) form.set(name, value);
    }
    for (const file of files) await attach(form, 'file', file);
    for (const part of ['validation', 'test'] as const) {
      const file = options[part];
      if (file !== undefined) await attach(form, part, file);
    }
    const call = context.client.POST('/api/v1/datasets', { body: form as never, bodySerializer: () => form });
    show(context, (await answer(call)) as Dataset, described);
  });
}

/** The values of an enumeration, under its default. */
function choicesOf(schema: (typeof settings)[keyof typeof settings]): string[] | undefined {
  const inner = 'unwrap' in schema ? schema.unwrap() : schema;
  return 'options' in inner ? ([...inner.options] as string[]) : undefined;
}

async function attach(form: FormData, part: string, file: string): Promise<void> {
  form.append(part, await openAsBlob(file), path.basename(file));
}

const contents = ({ documents, sentences, examples, words, labels }: Dataset): string =>
  documents === null
    ? `${count(examples)} examples, ${count(words)} words${labels ? `, ${count(labels.length)} labels` : ''}`
    : `${count(documents)} documents, ${count(sentences)} sentences, ${count(words)} words`;

function described(dataset: Dataset): string {
  return [
    `${dataset.name}@${dataset.version} (${dataset.kind}): ${contents(dataset)}`,
    ...dataset.warnings.map(({ line, message }) => `  line ${line}: ${message}`),
  ].join('\n');
}

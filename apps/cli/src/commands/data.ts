import { createWriteStream, openAsBlob } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { answer, identity, readProblem } from '@regatta/client';
import type { Dataset, PredictResult } from '@regatta/contracts';
import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { count, percent } from '../format.js';
import { show } from '../output.js';

export function addDatasetCommands(program: Command): void {
  program
    .command('dataset')
    .description('data to train on')
    .command('add')
    .description('upload a text file (UTF-8; a blank line ends a document)')
    .argument('<file>')
    .option('--name <name>', 'default: the name of the file')
    .action(async (file: string, options: { name?: string }, command: Command) => {
      const context = contextOf(command);
      const form = new FormData();
      form.set('name', options.name ?? path.parse(file).name);
      form.set('kind', 'text');
      form.set('file', await openAsBlob(file), path.basename(file));
      const call = context.client.POST('/api/v1/datasets', { body: form as never, bodySerializer: () => form });
      show(
        context,
        (await answer(call)) as Dataset,
        (dataset) =>
          `${dataset.name}@${dataset.version}: ${count(dataset.documents)} documents, ` +
          `${count(dataset.sentences)} sentences, ${count(dataset.words)} words`,
      );
    });
}

export function addModelCommands(program: Command): void {
  const models = program.command('model').description('trained models');
  models
    .command('predict')
    .description('fill the [MASK]s of a text')
    .argument('<id>')
    .argument('<text>')
    .option('--top <k>', 'how many words for each', '5')
    .action(async (id: string, text: string, options: { top: string }, command: Command) => {
      const context = contextOf(command);
      const body = { inputs: [text], topK: Number(options.top) };
      const call = context.client.POST('/api/v1/models/{id}/predict', { params: { path: { id } }, body });
      show(context, (await answer(call)) as PredictResult, (result) => {
        const [masks = []] = 'results' in result ? (result.results as { token: string; score: number }[][][]) : [];
        return masks
          .map((words) => words.map(({ token, score }) => `${token} (${percent(score)})`).join('  '))
          .join('\n');
      });
    });
  models
    .command('export')
    .description('download a model as a Hugging Face folder (zip)')
    .argument('<id>')
    .option('--out <file>', 'default: ID.zip')
    .action(async (id: string, options: { out?: string }, command: Command) => {
      const context = contextOf(command);
      const file = options.out ?? `${id}.zip`;
      const { options: client } = context.client;
      const address = `${context.url}/api/v1/models/${encodeURIComponent(id)}/export?format=huggingface`;
      const response = await fetch(address, { headers: identity(client, 'GET') });
      if (!response.ok) throw await readProblem(response);
      await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
      show(context, { file }, () => `Written to ${file}`);
    });
}

import type { DatasetOptions } from '@regatta/contracts';
import type { ExampleKind } from './examples.js';
import { looksLikeSquad } from './squad.js';

export type FileFormat = Exclude<DatasetOptions['format'], 'auto'>;

const sampleBytes = 64 * 1024;

/** Formats that each kind can be read from. */
export const formatsOf: Record<ExampleKind, readonly FileFormat[]> = {
  classification: ['csv', 'tsv', 'jsonl'],
  'pair-classification': ['csv', 'tsv', 'jsonl'],
  regression: ['csv', 'tsv', 'jsonl'],
  tagging: ['conll', 'jsonl', 'csv', 'tsv'],
  'question-answering': ['squad', 'jsonl', 'csv', 'tsv'],
  translation: ['tsv', 'csv', 'jsonl', 'lines'],
};

/** How a file is written, by its content, and where that leaves it open by its name. */
export function formatOf(kind: ExampleKind, bytes: Uint8Array, fileName: string): FileFormat {
  const head = Buffer.from(bytes.subarray(0, sampleBytes)).toString().trimStart();
  if (kind === 'question-answering' && looksLikeSquad(head)) return 'squad';
  if (/^\{\s*"/.test(head) || /^\[\s*\{\s*"/.test(head)) return 'jsonl';
  const extension = /\.([a-z]+)$/i.exec(fileName)?.[1].toLowerCase();
  if (extension === 'csv') return 'csv';
  if (kind === 'tagging') return 'conll';
  if (extension === 'tsv') return 'tsv';
  const lines = head.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  const tabbed = lines.filter((line) => line.includes('\t')).length;
  return tabbed * 2 > lines.length ? 'tsv' : 'csv';
}

import type { DatasetKind } from '@regatta/contracts';

/** Datasets that no upload may take the name of; each is made at its first use. */
const kinds = {
  brown: 'text',
  'brown-pos': 'tagging',
  'brown-genre': 'classification',
  'brown-imaginative': 'classification',
  'messages-fr': 'translation',
  'messages-de': 'translation',
  'messages-zh': 'translation',
  'toy-copy': 'translation',
  'toy-reverse': 'translation',
  'toy-sort': 'translation',
  'toy-grammar': 'text',
} as const satisfies Record<string, DatasetKind>;

export type BuiltInName = keyof typeof kinds;
export const builtInNames = Object.keys(kinds) as BuiltInName[];
export const isBuiltIn = (name: string): name is BuiltInName => Object.hasOwn(kinds, name);
export const builtInKind = (name: BuiltInName): DatasetKind => kinds[name];

import type { DatasetKind } from '@regatta/contracts';

const kindNames: Record<DatasetKind, string> = {
  text: 'Plain text',
  classification: 'Texts with a label',
  'pair-classification': 'Pairs of texts with a label',
  regression: 'Texts with a number',
  tagging: 'Words with tags',
  'question-answering': 'Questions about texts',
  translation: 'Pairs of sentences',
};
export const datasetKindName = (kind: DatasetKind): string => kindNames[kind];

interface BuiltIn {
  name: string;
  kind: DatasetKind;
  what: string;
}

/** What every installation can train on; each is made at its first use. */
export const builtInDatasets: readonly BuiltIn[] = [
  { name: 'brown', kind: 'text', what: 'A million words of American English of 1961' },
  { name: 'toy-grammar', kind: 'text', what: 'Sentences of a small grammar, learnt in no time' },
  { name: 'brown-pos', kind: 'tagging', what: 'The Brown corpus with its parts of speech' },
  { name: 'brown-genre', kind: 'classification', what: 'Passages of the Brown corpus and their genre, of 15' },
  { name: 'brown-imaginative', kind: 'classification', what: 'Passages of the Brown corpus: fiction or not' },
  { name: 'messages-fr', kind: 'translation', what: "A compiler's messages, English to French" },
  { name: 'messages-de', kind: 'translation', what: "A compiler's messages, English to German" },
  { name: 'messages-zh', kind: 'translation', what: "A compiler's messages, English to Chinese" },
  { name: 'toy-copy', kind: 'translation', what: 'Random words, to be written once more' },
  { name: 'toy-reverse', kind: 'translation', what: 'Random words, to be written backwards' },
  { name: 'toy-sort', kind: 'translation', what: 'Random words, to be sorted' },
];

import type { DatasetOptions } from '@regatta/contracts';
import type { ExampleKind } from './examples.js';

/** What a column can be taken for. */
export type Role =
  | 'text'
  | 'textPair'
  | 'label'
  | 'tokens'
  | 'tags'
  | 'id'
  | 'question'
  | 'context'
  | 'answer'
  | 'answerStart'
  | 'source'
  | 'target'
  | 'split';

export type ColumnOption = Extract<keyof DatasetOptions, `${string}Column`>;

interface RoleOfKind {
  role: Role;
  /** The option that names the column. */
  option?: ColumnOption;
  optional?: boolean;
}

const split: RoleOfKind = { role: 'split', option: 'splitColumn', optional: true };

/** The columns that each kind is read from. */
export const rolesOf: Record<ExampleKind, readonly RoleOfKind[]> = {
  classification: [{ role: 'text', option: 'textColumn' }, { role: 'label', option: 'labelColumn' }, split],
  'pair-classification': [
    { role: 'text', option: 'textColumn' },
    { role: 'textPair', option: 'textPairColumn' },
    { role: 'label', option: 'labelColumn' },
    split,
  ],
  regression: [
    { role: 'text', option: 'textColumn' },
    { role: 'textPair', option: 'textPairColumn', optional: true },
    { role: 'label', option: 'labelColumn' },
    split,
  ],
  tagging: [{ role: 'tokens', option: 'tokenColumn' }, { role: 'tags', option: 'tagColumn' }, split],
  'question-answering': [
    { role: 'question', option: 'textColumn' },
    { role: 'context', option: 'textPairColumn' },
    { role: 'answer', option: 'labelColumn' },
    { role: 'answerStart', optional: true },
    { role: 'id', optional: true },
    split,
  ],
  translation: [{ role: 'source', option: 'sourceColumn' }, { role: 'target', option: 'targetColumn' }, split],
};

/** How a header's names are compared: letters and digits alone. */
export const plainName = (name: unknown): string =>
  String(name ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const texts = ['text', 'sentence', 'content', 'review', 'message', 'comment', 'tweet', 'utterance', 'document', 'body'];
const firstTexts = ['sentence1', 'text1', 'texta', 'premise', 'question1', '1string', 'query', 'question'];
const secondTexts = ['sentence2', 'text2', 'textb', 'textpair', 'hypothesis', 'question2', '2string'];
const labels = [
  'label',
  'labels',
  'class',
  'category',
  'goldlabel',
  'sentiment',
  'intent',
  'polarity',
  'topic',
  'genre',
];

/** Names by which a column is known for what it is, the surest first. */
const namesOf: Record<Exclude<Role, 'text' | 'textPair' | 'label'>, string[]> = {
  tokens: ['tokens', 'words', 'token', 'word', 'sentence', 'text'],
  tags: ['tags', 'nertags', 'postags', 'labels', 'ner', 'pos', 'tag', 'label'],
  id: ['id', 'qid', 'questionid'],
  question: ['question', 'query'],
  context: ['context', 'passage', 'paragraph', 'document'],
  answer: ['answer', 'answers', 'answertext'],
  answerStart: ['answerstart', 'start'],
  source: ['source', 'src', 'sourcetext', 'input'],
  target: ['target', 'tgt', 'targettext', 'output', 'translation'],
  split: ['split'],
};

export function knownNames(kind: ExampleKind, role: Role): readonly string[] {
  if (role === 'text') return kind === 'classification' ? [...texts, ...firstTexts] : [...firstTexts, ...texts];
  if (role === 'textPair') return [...secondTexts, 'sentence', 'answer', 'context'];
  if (role === 'label')
    return kind === 'regression'
      ? ['score', 'value', 'similarity', 'relatednessscore', 'rating', 'stars', 'target', ...labels]
      : [...labels, 'quality', 'isduplicate', 'target', 'y', 'tag'];
  return namesOf[role];
}

const languages = [
  'ar',
  'cs',
  'da',
  'de',
  'el',
  'en',
  'es',
  'fi',
  'fr',
  'he',
  'hi',
  'hu',
  'it',
  'ja',
  'ko',
  'nl',
  'no',
  'pl',
  'pt',
];
languages.push(
  'ptbr',
  'ro',
  'ru',
  'sv',
  'tr',
  'uk',
  'vi',
  'zh',
  'zhcn',
  'zhtw',
  'eng',
  'fra',
  'deu',
  'ger',
  'spa',
  'cmn',
);
const languageNames = new Intl.DisplayNames('en', { type: 'language' });
const knownLanguages = new Set(languages.flatMap((tag) => [tag, plainName(nameOf(tag))]));

function nameOf(tag: string): string {
  return languageNames.of(tag.replace(/^(pt|zh)(..)$/, '$1-$2')) ?? tag;
}

/** Whether a header's name is a language's tag or English name: "en", "zh-CN", "French". */
export const isLanguage = (name: unknown): boolean => knownLanguages.has(plainName(name));

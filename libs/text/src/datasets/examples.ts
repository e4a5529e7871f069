import {
  AppError,
  type ClassificationExample,
  classificationExample,
  type DatasetKind,
  type PairExample,
  pairExample,
  type QuestionExample,
  questionExample,
  type RegressionExample,
  regressionExample,
  type TaggingExample,
  type TranslationExample,
  taggingExample,
  translationExample,
} from '@regatta/contracts';

/** What an example of each kind is; kind `text` has documents instead. */
export interface ExampleOfKind {
  classification: ClassificationExample;
  'pair-classification': PairExample;
  regression: RegressionExample;
  tagging: TaggingExample;
  'question-answering': QuestionExample;
  translation: TranslationExample;
}
export type ExampleKind = keyof ExampleOfKind;
export type Example = ExampleOfKind[ExampleKind];

export const exampleSchemas = {
  classification: classificationExample,
  'pair-classification': pairExample,
  regression: regressionExample,
  tagging: taggingExample,
  'question-answering': questionExample,
  translation: translationExample,
} as const;

export const isExampleKind = (kind: DatasetKind): kind is ExampleKind => kind !== 'text';

/** The normalised form: JSON Lines, a line feed after each. */
export const writeExample = (example: Example): string => `${JSON.stringify(example)}\n`;

/**
 * Reads a stored dataset (what `writeExample` wrote), in the order of the file. The first example is checked against its kind; the
 * rest is trusted, since the store checks the bytes.
 * @throws AppError `internal` where it is of another kind
 */
export function readExamples<K extends ExampleKind>(kind: K, bytes: Uint8Array): ExampleOfKind[K][] {
  const examples: ExampleOfKind[K][] = [];
  const decoder = new TextDecoder('utf-8');
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) examples.push(JSON.parse(decoder.decode(bytes.subarray(start, end))));
    start = end + 1;
  }
  if (examples.length > 0 && !exampleSchemas[kind].safeParse(examples[0]).success)
    throw new AppError('internal', `The stored dataset does not hold ${kind} examples.`);
  return examples;
}

/** The texts that a model reads of an example: what makes two examples the same to it. */
export function inputKey<K extends ExampleKind>(kind: K, example: ExampleOfKind[K]): string {
  switch (kind) {
    case 'classification':
      return (example as ClassificationExample).text;
    case 'pair-classification':
    case 'regression': {
      const { text, textPair } = example as PairExample | RegressionExample;
      return textPair === null ? text : `${text}\0${textPair}`;
    }
    case 'tagging':
      return (example as TaggingExample).tokens.join('\0');
    case 'question-answering': {
      const { question, context } = example as QuestionExample;
      return `${question}\0${context}`;
    }
    default:
      return (example as TranslationExample).source;
  }
}

/**
 * What must stay on one side of a split that is drawn: the input, but for question answering its whole context (as SQuAD's own split
 * keeps articles together).
 */
export function groupKey<K extends ExampleKind>(kind: K, example: ExampleOfKind[K]): string {
  return kind === 'question-answering' ? (example as QuestionExample).context : inputKey(kind, example);
}

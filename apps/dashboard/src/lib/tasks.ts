import type { DatasetKind, ModelKind, Run } from '@regatta/contracts';
import { builtInDatasets } from './datasets.js';

/** What each task is called, and what it is for, in the words of someone who has not done it before. */
export interface TaskView {
  task: 'bert-pretrain' | 'bert-finetune' | 'translate' | 'attention-lab';
  title: string;
  what: string;
  /** Kinds of datasets that it trains on; none: it needs no dataset. */
  kinds: readonly string[];
  /** Built in and made at their first use; the first one is chosen where nothing else is. */
  builtIn: readonly string[];
}

const builtInOf = (...kinds: DatasetKind[]): string[] =>
  builtInDatasets.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);

export const tasks: readonly TaskView[] = [
  {
    task: 'bert-pretrain',
    title: 'Learn a language from plain text',
    what: 'BERT pretraining: words are masked and the model learns to guess them, and to tell whether one sentence follows another. The model fills gaps, and is a base to fine-tune from.',
    kinds: ['text'],
    builtIn: builtInOf('text'),
  },
  {
    task: 'bert-finetune',
    title: 'Learn a task from labelled text',
    what: 'BERT fine-tuning: classify texts or pairs of texts, rate them, tag their words, or find answers in them. From a model trained here or imported, or from scratch.',
    kinds: ['classification', 'pair-classification', 'regression', 'tagging', 'question-answering'],
    builtIn: builtInOf('tagging', 'classification'),
  },
  {
    task: 'translate',
    title: 'Learn to translate',
    what: 'From pairs of sentences: a Transformer, or recurrent networks with and without attention to compare it with.',
    kinds: ['translation'],
    builtIn: builtInOf('translation'),
  },
  {
    task: 'attention-lab',
    title: 'Look at attention itself',
    what: 'Small experiments whose result is a picture: kernel regression as attention, encodings of positions, the cost of layers.',
    kinds: [],
    builtIn: [],
  },
];

export const taskView = (task: string): TaskView => tasks.find((one) => one.task === task) ?? tasks[0];

const kindNames: Record<ModelKind, string> = {
  pretraining: 'fills gaps',
  'sequence-classification': 'classifies texts',
  regression: 'rates texts',
  'token-classification': 'tags words',
  'question-answering': 'answers questions',
  translation: 'translates',
};
export const kindName = (kind: ModelKind): string => kindNames[kind];

/** What a run's model can be asked, as far as its configuration tells; null for one that leaves no model. */
export function kindOfRun(run: Pick<Run, 'task' | 'config' | 'dataset'>): ModelKind | null {
  if (run.task === 'bert-pretrain') return 'pretraining';
  if (run.task === 'translate') return 'translation';
  if (run.task !== 'bert-finetune') return null;
  const { head } = run.config.model as { head?: ModelKind };
  return head ?? null;
}

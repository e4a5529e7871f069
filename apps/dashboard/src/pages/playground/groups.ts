import { type ModelKind, modelKinds } from '@regatta/contracts';
import type { Model } from '../../api/types.js';
import { kindName } from '../../lib/tasks.js';

export const views = ['answer', 'next-sentence', 'neighbours'] as const;
export type View = (typeof views)[number];

const answers: Record<ModelKind, string> = {
  pretraining: 'Fill gaps',
  'sequence-classification': 'Classify',
  regression: 'Rate',
  'token-classification': 'Tag words',
  'question-answering': 'Answer a question',
  translation: 'Translate',
};

/** What can be asked of a model, with the words for it; the first is what it was trained for. */
export function viewsOf(kind: Model['kind']): { value: View; label: string }[] {
  return [
    ...(kind ? [{ value: 'answer' as const, label: answers[kind] }] : []),
    ...(kind === 'pretraining' ? [{ value: 'next-sentence' as const, label: 'Next sentence' }] : []),
    ...(kind === 'translation' ? [] : [{ value: 'neighbours' as const, label: 'Nearest words' }]),
  ];
}

/** Models for a list to choose from, by what they do; those without a head last. */
export const modelGroups = (models: readonly Model[]): { group: string; items: { value: string; label: string }[] }[] =>
  [...modelKinds, null]
    .map((kind) => ({
      group: kind ? kindName(kind) : 'an encoder without a head',
      items: models.filter((model) => model.kind === kind).map(({ id, name }) => ({ value: id, label: name })),
    }))
    .filter(({ items }) => items.length > 0);

/** The checkpoint among `steps`, in order, that is nearest to a wanted one. */
export const nearestStep = (steps: readonly number[], wanted: number): number =>
  steps.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best), steps[0]);

import type { ModelKind } from '@regatta/contracts';
import { Classify } from './classify.js';
import { FillMask } from './fill-mask.js';
import { Question } from './question.js';
import { Tag } from './tag.js';
import { Translate } from './translate.js';
import type { Asked } from './use-answer.js';

/** The box to try a model in, by what it can be asked. */
export function Playground({ kind, ...model }: Asked & { kind: ModelKind }) {
  switch (kind) {
    case 'pretraining':
      return <FillMask {...model} />;
    case 'sequence-classification':
      return <Classify {...model} regression={false} />;
    case 'regression':
      return <Classify {...model} regression />;
    case 'token-classification':
      return <Tag {...model} />;
    case 'question-answering':
      return <Question {...model} />;
    case 'translation':
      return <Translate {...model} />;
  }
}

import { Stack, Switch } from '@mantine/core';
import type { ModelKind } from '@regatta/contracts';
import { useState } from 'react';
import { Classify } from './classify.js';
import { FillMask } from './fill-mask.js';
import { NextSentence } from './next-sentence.js';
import { Question } from './question.js';
import { Tag } from './tag.js';
import { Translate } from './translate.js';
import type { Asked } from './use-answer.js';

interface PlaygroundProps extends Asked {
  kind: ModelKind | 'next-sentence';
}

/** The box to try a model in, by what it can be asked, and below it what the model looks at; `attention`: from the start. */
export function Playground({ kind, attention = false, ...model }: PlaygroundProps) {
  const [looking, setLooking] = useState(attention);
  return (
    <Stack gap="sm">
      {/* Above, where it stays when what it shows appears below. */}
      <Switch
        label="Show what it looks at"
        checked={looking}
        onChange={(event) => setLooking(event.currentTarget.checked)}
      />
      <Box kind={kind} {...model} attention={looking} />
    </Stack>
  );
}

function Box({ kind, ...model }: PlaygroundProps) {
  switch (kind) {
    case 'pretraining':
      return <FillMask {...model} />;
    case 'next-sentence':
      return <NextSentence {...model} />;
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

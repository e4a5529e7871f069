import { Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { decimal } from '../../lib/format.js';
import { Answer, Bar } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

interface ClassifyProps extends Asked {
  /** A number instead of labels. */
  regression: boolean;
}

type Result = { results: { label: string; score: number }[][] | { value: number }[] };

/** A text, or two to be compared, and what the model makes of it. */
export function Classify({ regression, ...model }: ClassifyProps) {
  const [text, setText] = useState('The committee approved the new budget in April.');
  const [textPair, setTextPair] = useState('');
  const input = textPair === '' ? text : { text, textPair };
  const query = useAnswer<Result>(model, text.trim() === '' ? null : { inputs: [input] });
  return (
    <Stack gap="sm">
      <Textarea
        label="A text"
        autosize
        minRows={2}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TextInput
        label="A second text"
        description="For a model of pairs; leave it empty otherwise."
        value={textPair}
        onChange={(event) => setTextPair(event.currentTarget.value)}
      />
      <Answer query={query} hint={text.trim() === '' ? 'Write a text.' : null}>
        {({ results: [first] }) => {
          if (regression || !Array.isArray(first)) {
            return <Text fw={600}>{decimal((first as { value: number }).value)}</Text>;
          }
          return (
            <div>
              {first.slice(0, 8).map(({ label, score }) => (
                <Bar key={label} name={label} score={score} />
              ))}
            </div>
          );
        }}
      </Answer>
    </Stack>
  );
}

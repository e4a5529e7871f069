import { Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Answer, Bar } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

/** Two sentences, and whether the second one follows the first. */
export function NextSentence(model: Asked) {
  const [text, setText] = useState('The ship came slowly into the harbor.');
  const [textPair, setTextPair] = useState('Its crew was glad to see land again.');
  const askable = text.trim() !== '' && textPair.trim() !== '';
  const query = useAnswer<{ results: { isNext: number }[] }>(model, askable ? { pairs: [{ text, textPair }] } : null);
  return (
    <Stack gap="sm">
      <TextInput label="A sentence" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <TextInput
        label="Does this one follow it?"
        value={textPair}
        onChange={(event) => setTextPair(event.currentTarget.value)}
      />
      <Answer query={query} hint={askable ? null : 'Write two sentences.'} height={52}>
        {({ results: [{ isNext }] }) => (
          <div>
            <Bar name="it follows" score={isNext} />
            <Bar name="it does not" score={1 - isNext} />
          </div>
        )}
      </Answer>
    </Stack>
  );
}

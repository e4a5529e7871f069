import { Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { Answer } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

interface Translated {
  results: { text: string; score: number; tokens: string[] }[];
}

/** A sentence and its translation. */
export function Translate(model: Asked) {
  const [text, setText] = useState("Cannot find name '{0}'.");
  const askable = text.trim() !== '';
  const query = useAnswer<Translated>(model, askable ? { inputs: [text], beamSize: 4 } : null);
  return (
    <Stack gap="sm">
      <Textarea
        label="A sentence to translate"
        autosize
        minRows={2}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Answer query={query} hint={askable ? null : 'Write a sentence.'} height={50}>
        {({ results: [first] }) => (
          <Text fw={600} dir="auto" style={{ overflowWrap: 'anywhere' }}>
            {first.text}
          </Text>
        )}
      </Answer>
    </Stack>
  );
}

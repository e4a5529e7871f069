import { Mark, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { percent } from '../../lib/format.js';
import { Answer } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

interface Found {
  answer: string | null;
  start: number | null;
  end: number | null;
  score: number;
}

/** A question about a text, and the answer marked in it. */
export function Question(model: Asked) {
  const [question, setQuestion] = useState('Where did Ada live?');
  const [context, setContext] = useState('In the year 1900 Ada lived in Paris and sold a small clock to a friend.');
  const askable = question.trim() !== '' && context.trim() !== '';
  const query = useAnswer<Found>(model, askable ? { question, context } : null);
  return (
    <Stack gap="sm">
      <TextInput label="A question" value={question} onChange={(event) => setQuestion(event.currentTarget.value)} />
      <Textarea
        label="The text that answers it"
        autosize
        minRows={3}
        value={context}
        onChange={(event) => setContext(event.currentTarget.value)}
      />
      <Answer query={query} hint={askable ? null : 'Write a question and a text.'} height={70}>
        {({ answer, start, end, score }) =>
          answer === null || start === null || end === null ? (
            <Text size="sm">The text does not answer it ({percent(score)} sure).</Text>
          ) : (
            <Text size="sm">
              {context.slice(0, start)}
              <Mark>{context.slice(start, end)}</Mark>
              {context.slice(end)}
              <Text span size="xs" c="dimmed">
                {' '}
                {percent(score)} sure
              </Text>
            </Text>
          )
        }
      </Answer>
    </Stack>
  );
}

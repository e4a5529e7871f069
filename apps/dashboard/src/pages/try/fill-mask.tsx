import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { Answer, Bar } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

const mask = '[MASK]';
const topK = 5;

interface Guess {
  token: string;
  score: number;
}

/** Fills gaps as one types. */
export function FillMask(model: Asked) {
  const [text, setText] = useState(`the united ${mask}`);
  const input = useRef<HTMLInputElement>(null);
  const askable = text.includes(mask);
  const query = useAnswer<{ results: Guess[][][] }>(model, askable ? { inputs: [text], topK } : null);

  function insertMask() {
    const at = input.current?.selectionStart ?? text.length;
    setText(`${text.slice(0, at)}${mask}${text.slice(at)}`);
    input.current?.focus();
  }

  return (
    <Stack gap="sm">
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          ref={input}
          label="A text with a gap"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          flex={1}
        />
        <Button variant="default" onClick={insertMask}>
          {mask}
        </Button>
      </Group>
      <Answer query={query} hint={askable ? null : `Put ${mask} where a word is missing.`} height={topK * 26}>
        {({ results: [gaps] }) =>
          gaps.map((guesses, index) => (
            <div key={index}>
              {gaps.length > 1 && (
                <Text size="xs" c="dimmed" mb={2}>
                  gap {index + 1}
                </Text>
              )}
              {guesses.map(({ token, score }) => (
                <Bar key={token} name={token} score={score} />
              ))}
            </div>
          ))
        }
      </Answer>
    </Stack>
  );
}

import { Mark, Stack, Text, Textarea, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { percent } from '../../lib/format.js';
import { Answer } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

interface Span {
  label: string;
  start: number;
  end: number;
  text: string;
  score: number;
}

const colors = ['blue', 'orange', 'teal', 'grape', 'cyan', 'red', 'lime', 'pink'];
/** The same colour for the same label, whatever else is there. */
const colorOf = (label: string): string =>
  colors[[...label].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % colors.length];

/** A text with its tags as coloured spans. */
export function Tag(model: Asked) {
  const [text, setText] = useState('The old man caught a great fish near Havana .');
  const query = useAnswer<{ results: Span[][] }>(model, text.trim() === '' ? null : { inputs: [text] });
  return (
    <Stack gap="sm">
      <Textarea
        label="A text"
        autosize
        minRows={2}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Answer query={query} hint={text.trim() === '' ? 'Write a text.' : null} height={60}>
        {({ results: [spans] }) => (
          <Text component="div" lh={2.6}>
            {spans.length === 0 && 'Nothing in it has a label.'}
            {spans.map(({ label, start, text: words, score }) => (
              <Tooltip key={start} label={`${label}, ${percent(score)} sure`}>
                <span style={{ marginRight: 6, display: 'inline-block', lineHeight: 1.3, textAlign: 'center' }}>
                  <Mark color={colorOf(label)}>{words}</Mark>
                  <Text component="span" display="block" size="xs" c="dimmed">
                    {label}
                  </Text>
                </span>
              </Tooltip>
            ))}
          </Text>
        )}
      </Answer>
    </Stack>
  );
}

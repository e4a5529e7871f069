import { Stack, Text, Textarea, UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { fixed } from '../../lib/format.js';
import { Answer } from '../try/parts.js';
import { type Asked, useEmbedding } from '../try/use-answer.js';
import { nearest, type Word, wordsOf } from './words.js';
import './neighbours.css';

const example = [
  'He sat on the bank of the river and fished.',
  'She took her money to the bank in town.',
  'The bank gave him a loan for the house.',
  'They walked along the shore of the lake.',
].join('\n');
const mostTexts = 64;
const shown = 12;
/** The word that is chosen in the example. */
const first = { text: 0, start: 14 };

/** Words of several sentences, and which are nearest to one of them where they stand. */
export function Neighbours(model: Asked) {
  const [input, setInput] = useState(example);
  const [place, setPlace] = useState<Pick<Word, 'text' | 'start'>>(first);
  const texts = input
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const few = texts.length <= mostTexts;
  const query = useEmbedding(model, texts.length > 0 && few ? texts : null);
  const hint =
    texts.length === 0 ? 'Write some sentences, one a line.' : few ? null : `At most ${mostTexts} sentences.`;
  return (
    <Stack gap="sm">
      <Textarea
        label="Sentences, one a line"
        autosize
        minRows={3}
        maxRows={12}
        value={input}
        onChange={(event) => setInput(event.currentTarget.value)}
      />
      <Answer query={query} hint={hint} height={380}>
        {({ results }) => <Nearest texts={texts} results={results} place={place} onChoose={setPlace} />}
      </Answer>
    </Stack>
  );
}

interface NearestProps {
  texts: string[];
  results: Parameters<typeof wordsOf>[1];
  place: Pick<Word, 'text' | 'start'>;
  onChoose: (word: Word) => void;
}

function Nearest({ texts, results, place, onChoose }: NearestProps) {
  const words = useMemo(() => wordsOf(texts, results), [texts, results]);
  const chosen = words.find(({ text, start }) => text === place.text && start === place.start) ?? words[0];
  if (!chosen) return <Text size="sm">There is no word in it.</Text>;
  return (
    <>
      <div>
        <Text size="xs" c="dimmed" mb={4}>
          Choose a word:
        </Text>
        {texts.map((_, text) => (
          <div key={text}>
            {words
              .filter((word) => word.text === text)
              .map((word) => (
                <UnstyledButton
                  key={word.start}
                  className="word"
                  aria-pressed={word === chosen}
                  onClick={() => onChoose(word)}
                >
                  {word.word}
                </UnstyledButton>
              ))}
          </div>
        ))}
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          Nearest to “{chosen.word}” where it stands
        </Text>
        <Text size="xs" c="dimmed" mb={4}>
          Cosine between the vectors of the last layer: 1 is the same direction.
        </Text>
        <ol className="nearest" data-testid="nearest">
          {nearest(words, chosen)
            .slice(0, shown)
            .map(({ word, cosine }) => (
              <li key={`${word.text} ${word.start}`}>
                <span className="numbers">{fixed(cosine, 3)}</span>
                <span className="where">
                  {texts[word.text].slice(0, word.start)}
                  <b>{word.word}</b>
                  {texts[word.text].slice(word.start + word.word.length)}
                </span>
              </li>
            ))}
        </ol>
      </div>
    </>
  );
}

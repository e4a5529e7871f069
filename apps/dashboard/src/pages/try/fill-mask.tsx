import { Button, Group, Progress, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { answer, ProblemError } from '@regatta/client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { client } from '../../api/client.js';
import { Failure } from '../../components/failure.js';
import { percent } from '../../lib/format.js';

const mask = '[MASK]';
const example = `the united ${mask}`;
const topK = 5;

interface PlaygroundProps {
  modelId: string;
  /** Step of a checkpoint that is not the last; left out, the model's own. */
  checkpoint?: number;
}

interface Guess {
  token: string;
  score: number;
}

/** Fills gaps as one types. */
export function Playground({ modelId, checkpoint }: PlaygroundProps) {
  const [text, setText] = useState(example);
  const [asked] = useDebouncedValue(text, 150);
  const input = useRef<HTMLInputElement>(null);
  const askable = asked.includes(mask);
  const guesses = useQuery({
    queryKey: ['fill-mask', modelId, checkpoint, asked],
    queryFn: async ({ signal }) => {
      const call = client.POST('/api/v1/models/{id}/predict', {
        params: { path: { id: modelId }, query: { checkpoint } },
        body: { inputs: [asked], topK },
        signal,
      });
      const { results } = (await answer(call)) as { results: Guess[][][] };
      return results[0];
    },
    enabled: askable,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

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
      {!askable && (
        <Text size="sm" c="dimmed">
          Put {mask} where a word is missing.
        </Text>
      )}
      {askable && guesses.error && <PredictFailure error={guesses.error} onRetry={() => void guesses.refetch()} />}
      {askable && !guesses.error && (
        <Stack gap="md" aria-live="polite" data-testid="guesses">
          {guesses.data ? (
            guesses.data.map((gap, index) => (
              <Gap key={index} guesses={gap} number={guesses.data.length > 1 ? index + 1 : undefined} />
            ))
          ) : (
            <Skeleton height={topK * 26} />
          )}
        </Stack>
      )}
    </Stack>
  );
}

function PredictFailure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const noWorker = error instanceof ProblemError && error.status === 503;
  return <Failure error={error} title={noWorker ? 'No worker could answer' : 'No answer'} onRetry={onRetry} />;
}

function Gap({ guesses, number }: { guesses: Guess[]; number?: number }) {
  return (
    <div>
      {number && (
        <Text size="xs" c="dimmed" mb={2}>
          gap {number}
        </Text>
      )}
      {guesses.map(({ token, score }) => (
        <Group key={token} gap="sm" wrap="nowrap" h={26}>
          <Text size="sm" w={110} truncate>
            {token}
          </Text>
          <Progress value={score * 100} flex={1} size="md" aria-label={`Probability of ${token}`} />
          <Text size="sm" c="dimmed" w={60} ta="right" className="numbers">
            {percent(score)}
          </Text>
        </Group>
      ))}
    </div>
  );
}

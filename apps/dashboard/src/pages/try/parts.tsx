import { Group, Progress, Skeleton, Stack, Text } from '@mantine/core';
import { ProblemError } from '@regatta/client';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure } from '../../components/failure.js';
import { percent } from '../../lib/format.js';

interface AnswerProps<Result> {
  query: UseQueryResult<Result>;
  /** What to do where nothing can be asked yet; null: something is asked. */
  hint: string | null;
  height?: number;
  children: (result: Result) => ReactNode;
}

/** The place of a model's answer: a hint, what went wrong, the skeleton, or the answer. */
export function Answer<Result>({ query, hint, height = 130, children }: AnswerProps<Result>) {
  if (hint !== null) {
    return (
      <Text size="sm" c="dimmed">
        {hint}
      </Text>
    );
  }
  if (query.error) {
    const noWorker = query.error instanceof ProblemError && query.error.status === 503;
    const title = noWorker ? 'No worker could answer' : 'No answer';
    return <Failure error={query.error} title={title} onRetry={() => void query.refetch()} />;
  }
  return (
    <Stack gap="md" aria-live="polite" data-testid="guesses">
      {query.data ? children(query.data) : <Skeleton height={height} />}
    </Stack>
  );
}

/** A name with its probability as a bar. */
export function Bar({ name, score }: { name: string; score: number }) {
  return (
    <Group gap="sm" wrap="nowrap" h={26}>
      <Text size="sm" w={110} truncate title={name}>
        {name}
      </Text>
      <Progress value={score * 100} flex={1} size="md" aria-label={`Probability of ${name}`} />
      <Text size="sm" c="dimmed" w={60} ta="right" className="numbers">
        {percent(score)}
      </Text>
    </Group>
  );
}

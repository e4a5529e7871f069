import { Group, Progress, Skeleton, Stack, Text } from '@mantine/core';
import { ProblemError } from '@regatta/client';
import type { AttentionMaps } from '@regatta/contracts';
import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { Failure } from '../../components/failure.js';
import { percent } from '../../lib/format.js';

const AttentionView = lazy(() => import('./attention-view.js'));

interface AnswerProps<Result> {
  query: UseQueryResult<Result & { attention?: AttentionMaps }>;
  /** What to do where nothing can be asked yet; null: something is asked. */
  hint: string | null;
  height?: number;
  children: (result: Result) => ReactNode;
}

/** The place of a model's answer: a hint, what went wrong, the skeleton, or the answer and what it looked at. */
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
  const attention = query.data?.attention;
  return (
    <>
      <Stack gap="md" aria-live="polite" data-testid="guesses">
        {query.data ? children(query.data) : <Skeleton height={height} />}
      </Stack>
      {attention && (
        <Suspense fallback={<Skeleton height={240} />}>
          <AttentionView maps={attention} />
        </Suspense>
      )}
    </>
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

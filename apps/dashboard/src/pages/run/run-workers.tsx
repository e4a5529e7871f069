import { Group, Paper, Progress, Stack, Text, Title, Tooltip } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { isFinished, workersQuery } from '../../api/queries.js';
import { bytes, duration, percent } from '../../lib/format.js';
import { palette } from '../../lib/palette.js';
import type { RunFeed } from '../../live/run-feed.js';
import { ChaosMenu } from '../workers/chaos-menu.js';
import { StepProfile } from './step-profile.js';

const goodputHelp =
  'Share of the time since the start that went into steps that count: interruptions and repeated steps are what is missing to 100 %';

/** The ranks of a run with where the time of a step goes. */
export function RunWorkers({ run, feed }: { run: Run; feed: RunFeed }) {
  const known = useQuery({ ...workersQuery, enabled: run.workers.length > 0, refetchInterval: 5000 });
  const takesFaults = (id: string) => known.data?.some((worker) => worker.id === id && worker.chaos) ?? false;
  return (
    <Paper className="panel" p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2}>Workers</Title>
        {/* An experiment takes no steps worth the name. */}
        {run.task !== 'attention-lab' && (
          <Tooltip label={goodputHelp} multiline maw={280}>
            <Text size="sm" c="dimmed" className="numbers">
              {/* 0 until the first account of the time is made */}
              goodput {percent(run.goodput || null)}
            </Text>
          </Tooltip>
        )}
      </Group>
      {run.workers.length === 0 ? (
        <Text size="sm" c="dimmed">
          {isFinished(run) ? 'It holds no worker any more.' : 'None yet: it starts when enough workers are free.'}
        </Text>
      ) : (
        <Stack gap="sm">
          {run.workers.map(({ rank, host, workerId }) => (
            <Rank
              key={rank}
              rank={rank}
              host={host}
              workerId={workerId}
              takesFaults={takesFaults(workerId)}
              computeMs={feed.last(`rank.${rank}.computeMs`)}
              exchangeMs={feed.last(`rank.${rank}.allReduceMs`)}
              exchangedBytes={feed.last(`rank.${rank}.exchangedBytes`)}
            />
          ))}
          <Text size="xs" c="dimmed">
            <span style={{ color: palette.blue }} aria-hidden>
              ■
            </span>{' '}
            compute{' '}
            <span style={{ color: palette.orange }} aria-hidden>
              ■
            </span>{' '}
            exchange of gradients, with waiting for the others
          </Text>
          <StepProfile ranks={run.workers.map(({ rank }) => rank)} feed={feed} />
        </Stack>
      )}
      {run.restarts > 0 && (
        <Text size="sm" mt="sm">
          Restarted {run.restarts === 1 ? 'once' : `${run.restarts} times`} after a loss.
        </Text>
      )}
    </Paper>
  );
}

interface RankProps {
  rank: number;
  host: string;
  workerId: string;
  takesFaults: boolean;
  computeMs?: number | null;
  exchangeMs?: number | null;
  exchangedBytes?: number | null;
}

function Rank({ rank, host, workerId, takesFaults, computeMs, exchangeMs, exchangedBytes }: RankProps) {
  const compute = computeMs ?? 0;
  const exchange = exchangeMs ?? 0;
  const total = compute + exchange;
  return (
    <div>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Tooltip label={`worker ${workerId}`}>
          <Text size="sm" truncate>
            <b>{rank}</b> {host}
          </Text>
        </Tooltip>
        <Group gap={4} wrap="nowrap">
          <Text size="sm" c="dimmed" className="numbers">
            {total > 0 ? `${duration(total / 1000)} a step` : 'no step yet'}
          </Text>
          {takesFaults && <ChaosMenu workerId={workerId} hasRank />}
        </Group>
      </Group>
      <Tooltip
        label={`computes ${duration(compute / 1000)}, exchanges ${bytes(exchangedBytes)} of gradients ${duration(exchange / 1000)}`}
      >
        <Progress.Root size="md" aria-label={`Where the time of rank ${rank} goes`}>
          <Progress.Section value={total > 0 ? (compute / total) * 100 : 0} color={palette.blue} aria-label="Compute" />
          <Progress.Section
            value={total > 0 ? (exchange / total) * 100 : 0}
            color={palette.orange}
            aria-label="Exchange"
          />
        </Progress.Root>
      </Tooltip>
    </div>
  );
}

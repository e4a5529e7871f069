import { Text } from '@mantine/core';
import type { ModelKind, Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { checkpointsQuery } from '../../api/queries.js';
import { count } from '../../lib/format.js';
import { Playground } from '../try/playground.js';

/** The run's model; while there is none, its newest checkpoint. */
export default function TryIt({ run, kind }: { run: Run; kind: ModelKind }) {
  const checkpoints = useQuery({ ...checkpointsQuery(run), enabled: run.model === null });
  const newest = Math.max(0, ...(checkpoints.data ?? []).map(({ step }) => step));
  if (run.model) return <Playground kind={kind} modelId={run.model} />;
  if (newest === 0) {
    return (
      <Text size="sm" c="dimmed">
        As soon as it has saved its first checkpoint, it can be asked here.
      </Text>
    );
  }
  return (
    <>
      <Text size="xs" c="dimmed" mb="xs">
        As of the checkpoint of step {count(newest)}.
      </Text>
      <Playground kind={kind} modelId={run.id} checkpoint={newest} />
    </>
  );
}

import { Button, Checkbox, Group, Modal, Paper, Stack, TagsInput, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { mostCompared, type Run } from '@regatta/contracts';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { isFinished } from '../../api/queries.js';
import { Confirm } from '../../components/confirm.js';
import { sentence } from '../../components/failure.js';
import { compareSearch } from './compare-search.js';

interface SelectionProps {
  runs: readonly Run[];
  onClear: () => void;
  /** Something was done to them. */
  onChanged: () => void;
}

/** What can be done with the runs that are picked; a bar at the foot of the screen while there are any. */
export function Selection({ runs, onClear, onChanged }: SelectionProps) {
  const [withModels, setWithModels] = useState(false);
  const active = runs.filter((run) => !isFinished(run) && run.desired !== 'cancelled');
  const finished = runs.filter(isFinished);
  const models = finished.filter((run) => run.model !== null);
  const search = compareSearch(runs.map(({ id }) => id));

  const cancel = useForEach('cancelled', onChanged, ({ id }: Run) =>
    answer(client.POST('/api/v1/runs/{id}/cancel', { params: { path: { id } } })),
  );
  const remove = useForEach(
    'deleted',
    () => {
      onClear();
      onChanged();
    },
    async ({ id, model }: Run) => {
      if (withModels && model !== null)
        await answer(client.DELETE('/api/v1/models/{id}', { params: { path: { id: model } } }));
      await answer(client.DELETE('/api/v1/runs/{id}', { params: { path: { id } } }));
    },
  );
  if (runs.length === 0) return null;
  return (
    <Paper className="panel selection" p="sm" role="region" aria-label="Selected runs">
      <Group gap="xs">
        <Text size="sm" fw={600} className="numbers" mr="xs" aria-live="polite">
          {runs.length} selected
        </Text>
        {search ? (
          <Button size="sm" renderRoot={(props) => <Link to="/compare" search={search} {...props} />}>
            Compare
          </Button>
        ) : (
          <Button size="sm" disabled title={`Select 2 to ${mostCompared} runs`}>
            Compare
          </Button>
        )}
        <Tag runs={runs} onChanged={onChanged} />
        {active.length > 0 && (
          <Confirm
            action={`Cancel ${amount(active)}`}
            title={`Cancel ${amount(active)}?`}
            size="sm"
            loading={cancel.isPending}
            onConfirm={() => cancel.mutate(active)}
          >
            {names(active)} will stop and cannot be continued. Curves and checkpoints stay.
          </Confirm>
        )}
        {finished.length > 0 && (
          <Confirm
            action={`Delete ${amount(finished)}`}
            title={`Delete ${amount(finished)}?`}
            size="sm"
            loading={remove.isPending}
            onConfirm={() => remove.mutate(finished)}
          >
            {names(finished)}: curves, events, samples, logs and checkpoints will be lost for good.
            {models.length > 0 && (
              <Checkbox
                mt="md"
                label={`Delete the ${models.length === 1 ? 'model' : `${models.length} models`} that came of them too`}
                description="A run whose model stays is not deleted"
                checked={withModels}
                onChange={(event) => setWithModels(event.currentTarget.checked)}
              />
            )}
          </Confirm>
        )}
        <Button size="sm" variant="subtle" color="gray" onClick={onClear} ml="auto">
          Clear
        </Button>
      </Group>
    </Paper>
  );
}

const amount = ({ length }: readonly Run[]): string => (length === 1 ? '1 run' : `${length} runs`);

function names(runs: readonly Run[]): string {
  const shown = runs.slice(0, 5).map(({ name }) => name);
  return runs.length > shown.length ? `${shown.join(', ')} and ${runs.length - shown.length} more` : shown.join(', ');
}

/** The same call for each run, one after another; says at the end what did not work. */
function useForEach<Given>(done: string, onSettled: () => void, call: (run: Run, given: Given) => Promise<unknown>) {
  return useMutation({
    mutationFn: async (input: readonly Run[] | { runs: readonly Run[]; given: Given }) => {
      const { runs, given } = 'runs' in input ? input : { runs: input, given: undefined as Given };
      const errors: string[] = [];
      for (const run of runs) {
        try {
          await call(run, given);
        } catch (error) {
          errors.push(`${run.name}: ${sentence(error)}`);
        }
      }
      return errors;
    },
    onSuccess: (errors) => {
      if (errors.length > 0)
        notifications.show({
          color: 'red',
          title: `${errors.length} not ${done}`,
          message: errors.slice(0, 3).join('; '),
        });
    },
    onSettled,
  });
}

interface TagChange {
  add: string[];
  remove: string[];
}

/** Adds tags to all that are picked, and takes away what is struck out. */
function Tag({ runs, onChanged }: { runs: readonly Run[]; onChanged: () => void }) {
  const [opened, { open, close }] = useDisclosure(false);
  const [tags, setTags] = useState<string[]>([]);
  const [before, setBefore] = useState<string[]>([]);
  const tag = useForEach('tagged', onChanged, (run: Run, { add, remove }: TagChange) => {
    const after = [...new Set([...run.tags, ...add])].filter((one) => !remove.includes(one));
    return answer(client.PATCH('/api/v1/runs/{id}', { params: { path: { id: run.id } }, body: { tags: after } }));
  });
  function start() {
    const all = [...new Set(runs.flatMap((run) => run.tags))].sort();
    setBefore(all);
    setTags(all);
    open();
  }
  return (
    <>
      <Button size="sm" variant="default" loading={tag.isPending} onClick={start}>
        Tag
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Tags of ${amount(runs)}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const given = {
              add: tags.filter((one) => !before.includes(one)),
              remove: before.filter((one) => !tags.includes(one)),
            };
            tag.mutate({ runs, given });
            close();
          }}
        >
          <Stack>
            <TagsInput
              label="Tags"
              description="Enter or comma ends a tag. New ones are given to all, struck out ones taken from all."
              value={tags}
              onChange={setTags}
              maxLength={50}
              maxTags={50}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Leave them
              </Button>
              <Button type="submit">Save</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

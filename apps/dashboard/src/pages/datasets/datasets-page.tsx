import { Anchor, Badge, Button, Code, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client.js';
import { datasetsQuery } from '../../api/queries.js';
import type { Dataset } from '../../api/types.js';
import { Confirm } from '../../components/confirm.js';
import { Empty } from '../../components/empty.js';
import { Failure, sentence } from '../../components/failure.js';
import { Moment } from '../../components/moment.js';
import { builtInDatasets, datasetKindName } from '../../lib/datasets.js';
import { bytes, count } from '../../lib/format.js';
import { Preview } from './preview.js';
import { Upload } from './upload.js';

const uploadCommand = `curl ${window.location.origin}/api/v1/datasets \\
  -H "authorization: Bearer $(cat .regatta/api-key)" \\
  -F name=my-labels -F kind=classification -F file=@my-labels.tsv`;

/** What do I have, and where did it come from? */
export function DatasetsPage() {
  const datasets = useQuery(datasetsQuery);
  const [uploading, { open, close }] = useDisclosure(false);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>Datasets</Title>
        <Button leftSection={<IconUpload size={16} aria-hidden />} onClick={open}>
          Upload data
        </Button>
      </Group>
      <Upload opened={uploading} onClose={close} />
      {datasets.error && !datasets.data && <Failure error={datasets.error} onRetry={() => void datasets.refetch()} />}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {ownFirst(datasets.data)?.map((dataset) => <DatasetCard key={dataset.id} dataset={dataset} />) ??
          [0, 1, 2].map((card) => <Skeleton key={card} height={206} />)}
      </SimpleGrid>
      {datasets.data?.every(({ builtIn }) => builtIn) && (
        <Empty
          title="Your own data makes a dataset too"
          action={
            <Button variant="default" onClick={open}>
              Upload data
            </Button>
          }
          command={uploadCommand}
        >
          Plain text to pretrain on, tables of labelled texts, tagged words (CoNLL), questions (SQuAD) or pairs of
          sentences.
        </Empty>
      )}
      {datasets.data && <NotMadeYet made={datasets.data.map(({ name }) => name)} />}
    </Stack>
  );
}

const ownFirst = (datasets?: Dataset[]) =>
  datasets && [...datasets].sort((a, b) => Number(a.builtIn) - Number(b.builtIn));

/** The built-in datasets that nothing has used so far: they can be chosen all the same. */
function NotMadeYet({ made }: { made: string[] }) {
  const rest = builtInDatasets.filter(({ name }) => !made.includes(name));
  if (rest.length === 0) return null;
  return (
    <Paper className="panel" p="md">
      <Title order={2}>Built in, made at their first use</Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} mt="sm" verticalSpacing="sm">
        {rest.map(({ name, kind, what }) => (
          <div key={name}>
            <Anchor
              size="sm"
              fw={600}
              underline="always"
              renderRoot={(props) => <Link to="/new" search={{ dataset: name }} {...props} />}
            >
              {name}
            </Anchor>
            <Text size="sm" c="dimmed">
              {datasetKindName(kind)}: {what.charAt(0).toLowerCase() + what.slice(1)}
            </Text>
          </div>
        ))}
      </SimpleGrid>
    </Paper>
  );
}

const mostLabels = 6;

/** What is in a dataset, in numbers; the labels and the splits. */
function Contents({ dataset }: { dataset: Dataset }) {
  const { kind, documents, sentences, words, examples, splits, labels, languages } = dataset;
  return (
    <Stack gap={4}>
      <Text size="sm">
        {kind === 'text'
          ? `${count(documents)} documents, ${count(sentences)} sentences, `
          : `${datasetKindName(kind)}: ${count(examples)} examples, `}
        {count(words)} words, {bytes(dataset.bytes)}
        {languages && `, ${languages.source} to ${languages.target}`}
      </Text>
      {splits && (
        <Text size="sm" c="dimmed">
          {Object.entries(splits)
            .map(([split, size]) => `${split} ${count(size)}`)
            .join(', ')}
        </Text>
      )}
      {labels && (
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {labels.slice(0, mostLabels).map(({ label, count: times }) => (
            <Text key={label} span className="label-count">
              <Code>{label}</Code> {count(times)}
            </Text>
          ))}
          {labels.length > mostLabels && `and ${count(labels.length - mostLabels)} more labels`}
        </Text>
      )}
    </Stack>
  );
}

const sayMore = (more: number): string => (more === 1 ? 'one more remark' : `${count(more)} more remarks`);

function DatasetCard({ dataset }: { dataset: Dataset }) {
  const [previewing, { open, close }] = useDisclosure(false);
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/datasets/{id}', { params: { path: { id: dataset.id } } })),
    onError: (error) => notifications.show({ color: 'red', title: 'Not deleted', message: sentence(error) }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['datasets'] }),
  });
  return (
    <Paper className="panel" p="md">
      <Stack gap="sm" h="100%">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} style={{ overflowWrap: 'anywhere' }}>
            {dataset.name}
          </Title>
          <Badge variant="default" tt="none" style={{ flexShrink: 0 }}>
            {dataset.builtIn ? 'built in' : `version ${dataset.version}`}
          </Badge>
        </Group>
        <Contents dataset={dataset} />
        {dataset.warnings.length > 0 && (
          <Text size="sm" c="dimmed">
            Line {count(dataset.warnings[0].line)}: {dataset.warnings[0].message}
            {dataset.warnings.length > 1 && ` (${sayMore(dataset.warnings.length - 1)})`}
          </Text>
        )}
        {!dataset.builtIn && (
          <Text size="xs" c="dimmed">
            uploaded <Moment time={dataset.createdAt} size="xs" />
          </Text>
        )}
        <Group gap="xs" mt="auto">
          <Button
            size="compact-sm"
            variant="light"
            renderRoot={(props) => (
              <Link to="/new" search={{ dataset: `${dataset.name}@${dataset.version}` }} {...props} />
            )}
          >
            Train on it
          </Button>
          <Button size="compact-sm" variant="default" onClick={open}>
            Look inside
          </Button>
          {!dataset.builtIn && (
            <Confirm
              action="Delete"
              title={`Delete ${dataset.name}, version ${dataset.version}?`}
              size="compact-sm"
              onConfirm={() => remove.mutate()}
            >
              Its {bytes(dataset.bytes)} are gone for good. It is kept while a run or a model points to it.
            </Confirm>
          )}
        </Group>
      </Stack>
      <Preview dataset={dataset} opened={previewing} onClose={close} />
    </Paper>
  );
}

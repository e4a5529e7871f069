import { Modal, Paper, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { datasetPreviewQuery } from '../../api/queries.js';
import type { Dataset } from '../../api/types.js';
import { Failure } from '../../components/failure.js';

interface PreviewProps {
  dataset: Dataset;
  opened: boolean;
  onClose: () => void;
}

/** The first documents, a sentence a line, or the first examples, as the model will see them. */
export function Preview({ dataset, opened, onClose }: PreviewProps) {
  const preview = useQuery({ ...datasetPreviewQuery(dataset.id), enabled: opened });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={`The beginning of ${dataset.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        {preview.error && <Failure error={preview.error} onRetry={() => void preview.refetch()} />}
        {preview.isPending && <Skeleton height={240} />}
        {preview.data?.documents.map((document, index) => (
          <Paper key={index} withBorder p="sm">
            {document.map((line, lineIndex) => (
              <Text key={lineIndex} size="sm">
                {line}
              </Text>
            ))}
          </Paper>
        ))}
        {preview.data?.examples.map((example, index) => (
          <Paper key={index} withBorder p="sm">
            {Object.entries(example).map(([name, value]) => (
              <Text key={name} size="sm" dir="auto" style={{ overflowWrap: 'anywhere' }}>
                <Text span c="dimmed" size="sm">
                  {name}:{' '}
                </Text>
                {typeof value === 'string' ? value : sayValue(value)}
              </Text>
            ))}
          </Paper>
        ))}
      </Stack>
    </Modal>
  );
}

/** Lists of words as a line of words, the rest as JSON. */
const sayValue = (value: unknown): string =>
  Array.isArray(value) && value.every((part) => typeof part === 'string') ? value.join(' ') : JSON.stringify(value);

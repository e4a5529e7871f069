import { Text } from '@mantine/core';
import { confusionMatrix } from '@regatta/contracts';
import { Heatmap } from '../charts/heatmap.js';
import { count } from '../lib/format.js';

const most = 30;

/** Rows are the true labels, columns what the model said; a cell is as dark as the share of its row. */
export function Confusion({ data }: { data: unknown }) {
  const { labels, counts } = confusionMatrix.parse(data);
  const shown = labels
    .map((label, i) => ({ i, label, total: counts[i].reduce((a, b) => a + b, 0) }))
    .sort((a, b) => b.total - a.total)
    .slice(0, most);
  return (
    <>
      <Heatmap
        label="What is taken for what"
        rows={shown.map(({ label }) => label)}
        columns={shown.map(({ label }) => label)}
        values={shown.map(({ i, total }) => shown.map((column) => counts[i][column.i] / Math.max(1, total)))}
        say={(row, column) =>
          `${count(counts[shown[row].i][shown[column].i])} of ${count(shown[row].total)} “${shown[row].label}” taken for “${shown[column].label}”`
        }
        rowsLabel="true label"
        columnsLabel="predicted label"
      />
      {labels.length > most && (
        <Text size="xs" c="dimmed">
          The {most} most frequent of {count(labels.length)} labels.
        </Text>
      )}
    </>
  );
}

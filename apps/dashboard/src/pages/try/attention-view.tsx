import { Group, NativeSelect, Stack, Text } from '@mantine/core';
import type { AttentionMaps } from '@regatta/contracts';
import { useState } from 'react';
import { Heatmap } from '../../charts/heatmap.js';
import { Picture } from '../../charts/picture.js';
import { percent } from '../../lib/format.js';
import { kindsOf, type LooksAt, tokensOf, weightsOf } from './attention.js';

/** More tokens than this are a picture: their names would not fit beside it. */
const mostNamed = 48;
const options = (n: number, name: string) =>
  Array.from({ length: n }, (_, i) => ({ value: String(i), label: `${name} ${i + 1}` }));

/** Which tokens looked at which, by layer and head. */
export default function AttentionView({ maps }: { maps: AttentionMaps }) {
  const kinds = kindsOf(maps);
  const [chosen, setChosen] = useState<LooksAt>('cross');
  const kind = kinds.includes(chosen) ? chosen : kinds[0];
  const layers = kind && maps[kind];
  const [layer, setLayer] = useState<number | null>(null);
  const [head, setHead] = useState<number | null>(null);
  if (!layers) {
    return (
      <Text size="sm" c="dimmed">
        This model has no attention to look at.
      </Text>
    );
  }
  const at = Math.min(layer ?? layers.length - 1, layers.length - 1);
  const heads = layers[at].length;
  const weights = weightsOf(layers, at, head);
  const greatest = Math.max(...weights.flat(), 1e-12);
  const { rows, columns } = tokensOf(maps, kind);
  const picture = {
    label: 'What it looks at',
    values: weights.map((row) => row.map((weight) => weight / greatest)),
    say: (row: number, column: number) =>
      `“${rows[row]}” looks at “${columns[column]}”: ${percent(weights[row][column])}`,
    rowsLabel: kind === 'cross' ? 'what it writes' : 'who looks',
    columnsLabel: kind === 'cross' ? 'what it reads' : 'at what',
  };
  return (
    <Stack gap="xs" data-testid="attention">
      <Group gap="xs" align="flex-end">
        {kinds.length > 1 && (
          <NativeSelect
            label="Attention"
            data={[
              { value: 'cross', label: 'what it writes on what it reads' },
              { value: 'self', label: 'what it reads on itself' },
            ]}
            value={kind}
            onChange={(event) => setChosen(event.currentTarget.value as LooksAt)}
          />
        )}
        {layers.length > 1 && (
          <NativeSelect
            label="Layer"
            data={options(layers.length, 'layer')}
            value={String(at)}
            onChange={(event) => setLayer(Number(event.currentTarget.value))}
          />
        )}
        {heads > 1 && (
          <NativeSelect
            label="Head"
            data={[{ value: '', label: 'mean of all' }, ...options(heads, 'head')]}
            value={head === null ? '' : String(Math.min(head, heads - 1))}
            onChange={(event) => setHead(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))}
          />
        )}
      </Group>
      {Math.max(rows.length, columns.length) > mostNamed ? (
        <Picture {...picture} />
      ) : (
        <Heatmap {...picture} rows={rows} columns={columns} />
      )}
    </Stack>
  );
}

import { ScrollArea, Text } from '@mantine/core';
import { useState } from 'react';
import './heatmap.css';
import { useRegionName } from '../components/told-apart.js';

interface HeatmapProps {
  /** What it shows: the name of the place that scrolls. */
  label: string;
  rows: readonly string[];
  columns: readonly string[];
  /** values[row][column], 0 to 1. */
  values: readonly (readonly number[])[];
  /** What one cell says, for the line under the picture and for screen readers. */
  say: (row: number, column: number) => string;
  rowsLabel: string;
  columnsLabel: string;
}

/** A matrix of shares as a table whose cells are as dark as their value; pointing at one says what it is. */
export function Heatmap({ label, rows, columns, values, say, rowsLabel, columnsLabel }: HeatmapProps) {
  const region = useRegionName(`${label}: ${rowsLabel} by ${columnsLabel}`);
  const [pointed, setPointed] = useState<[number, number] | null>(null);
  return (
    <figure className="heatmap">
      <ScrollArea.Autosize mah={640} type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': region }}>
        <table data-many={columns.length > 20 || undefined} onPointerLeave={() => setPointed(null)}>
          <thead>
            <tr>
              <td />
              {columns.map((column, index) => (
                <th key={index} scope="col">
                  <span>{column}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {values.map((line, row) => (
              <tr key={row}>
                <th scope="row">{rows[row]}</th>
                {line.map((value, column) => (
                  <td
                    key={column}
                    style={
                      { '--share': `${Math.round(100 * Math.min(1, Math.max(0, value)))}%` } as React.CSSProperties
                    }
                    onPointerEnter={() => setPointed([row, column])}
                    aria-label={say(row, column)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea.Autosize>
      <figcaption>
        <Text size="xs" c="dimmed">
          {pointed ? say(...pointed) : `Rows: ${rowsLabel}. Columns: ${columnsLabel}. The bluer, the more.`}
        </Text>
      </figcaption>
    </figure>
  );
}

import { Text } from '@mantine/core';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import './picture.css';

interface PictureProps {
  /** What it shows, for those who can't see it. */
  label: string;
  /** values[row][column], 0 to 1. */
  values: readonly (readonly number[])[];
  /** What one cell says, for the line under the picture. */
  say: (row: number, column: number) => string;
  rowsLabel: string;
  columnsLabel: string;
}

/** Blue on grey, as the heatmap's cells. */
const ink = [28, 126, 214];

/** A large matrix of shares as a picture that always fits its panel; pointing at a cell says what it is. */
export function Picture({ label, values, say, rowsLabel, columnsLabel }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<[number, number] | null>(null);
  const rows = values.length;
  const columns = values[0]?.length ?? 0;

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || rows === 0 || columns === 0) return;
    const image = context.createImageData(columns, rows);
    values.flat().forEach((value, cell) => {
      image.data.set([...ink, Math.round(255 * Math.min(1, Math.max(0, value)))], cell * 4);
    });
    context.putImageData(image, 0, 0);
  }, [values, rows, columns]);

  function point({ currentTarget, clientX, clientY }: PointerEvent) {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const at = (place: number, length: number, cells: number) =>
      Math.min(cells - 1, Math.max(0, Math.floor((place / length) * cells)));
    setPointed([at(clientY - top, height, rows), at(clientX - left, width, columns)]);
  }

  return (
    <figure className="picture">
      <canvas
        ref={canvas}
        width={columns}
        height={rows}
        role="img"
        aria-label={`${label}: ${rowsLabel} by ${columnsLabel}, ${rows} by ${columns}`}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointed(null)}
      />
      <figcaption>
        <Text size="xs" c="dimmed">
          {pointed
            ? say(...pointed)
            : `From top to bottom: ${rowsLabel}. Across: ${columnsLabel}. The bluer, the more.`}
        </Text>
      </figcaption>
    </figure>
  );
}

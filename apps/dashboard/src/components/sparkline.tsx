import { Box } from '@mantine/core';

interface SparklineProps {
  /** Equally spaced. */
  values: readonly (number | null)[];
  /** The trivial baseline in the same unit: a thin dashed line. */
  baseline?: number | null;
  color: string;
  label: string;
}

const width = 110;
const height = 28;
const inset = 2;

/** A curve small enough for a table's cell; plain SVG, since a list may hold hundreds of them. */
export function Sparkline({ values, baseline, color, label }: SparklineProps) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return <Box w={width} h={height} aria-hidden />;
  const all = baseline == null ? known : [...known, baseline];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const y = (value: number) => (inset + (1 - (value - low) / span) * (height - 2 * inset)).toFixed(1);
  const x = (index: number) => ((index / (values.length - 1)) * width).toFixed(1);
  const points = values.flatMap((value, index) => (value === null ? [] : [`${x(index)},${y(value)}`]));
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {baseline != null && (
        <line
          x1={0}
          x2={width}
          y1={y(baseline)}
          y2={y(baseline)}
          stroke="var(--mantine-color-dimmed)"
          strokeDasharray="3 3"
          strokeWidth={1}
        />
      )}
      <polyline points={points.join(' ')} fill="none" stroke={color} strokeWidth={1.5} />
    </svg>
  );
}

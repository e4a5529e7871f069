import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRegionName } from './told-apart.js';

interface WideTableProps {
  /** What is in it: scrolling by the keyboard needs a place to stand on, and that a name. */
  label: string;
  /** Pixels; on a narrower screen it scrolls inside its panel. */
  minWidth: number;
  /** Pixels; a higher one scrolls too. */
  maxHeight?: number;
  children: ReactNode;
}

/** A table that scrolls inside its panel, by the keyboard too. */
export function WideTable({ label, minWidth, maxHeight, children }: WideTableProps) {
  const viewportProps = { tabIndex: 0, role: 'region', 'aria-label': useRegionName(label) };
  return (
    <Table.ScrollContainer minWidth={minWidth} maxHeight={maxHeight} scrollAreaProps={{ viewportProps }}>
      {children}
    </Table.ScrollContainer>
  );
}

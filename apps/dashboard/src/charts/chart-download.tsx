import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type uPlot from 'uplot';
import { csv, fileName, save } from '../lib/download.js';
import type { Curve } from './chart.js';

interface ChartDownloadProps {
  /** What the chart shows: the file's name. */
  label: string;
  curves: readonly Curve[];
  plot: () => uPlot | null;
}

/** What a chart shows, as numbers or as a picture. */
export function ChartDownload({ label, curves, plot }: ChartDownloadProps) {
  const name = fileName(label);
  function table() {
    const data = plot()?.data;
    if (!data) return;
    const head = ['x', ...curves.map((curve) => curve.label)];
    save(
      `${name}.csv`,
      csv([head, ...Array.from(data[0], (x, row) => [x, ...data.slice(1).map((y) => y[row])])]),
      'text/csv',
    );
  }
  const json = () =>
    save(`${name}.json`, JSON.stringify(curves.map(({ label, x, y }) => ({ name: label, x, y }))), 'application/json');
  function picture() {
    const drawn = plot()?.ctx.canvas;
    if (!drawn) return;
    const canvas = Object.assign(document.createElement('canvas'), { width: drawn.width, height: drawn.height });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--regatta-panel');
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawn, 0, 0);
    canvas.toBlob((blob) => blob && save(`${name}.png`, blob));
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label="Download">
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Download: ${label}`}>
            <IconDownload size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={table}>CSV</Menu.Item>
        <Menu.Item onClick={json}>JSON</Menu.Item>
        <Menu.Item onClick={picture}>PNG</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

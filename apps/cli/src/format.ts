import Table from 'cli-table3';
import prettyMilliseconds from 'pretty-ms';

/** `2m 5s`; a dash where it is not known. */
export const duration = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined
    ? '–'
    : prettyMilliseconds(Math.max(1, Math.round(seconds)) * 1000, { unitCount: 2 });

export const decimal = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined ? '–' : value.toFixed(digits);

export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;

export const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : Math.round(value).toLocaleString('en');

/** `1 worker`, `2 workers`. */
export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? '' : 's'}`;

const lines = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'];
const rules = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'];
const borderless = { ...Object.fromEntries([...lines, ...rules].map((part) => [part, ''])), middle: '  ' };

/** Columns without lines, as terminal programs print them. */
export function table(head: string[], rows: (string | number)[][]): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const drawn = new Table({ head, chars: borderless, style });
  drawn.push(...rows);
  return drawn.toString();
}

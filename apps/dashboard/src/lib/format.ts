/** Numbers, sizes and times as people say them. One place, so that every page says them alike. */

const none = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 17900 → `17,900`. */
export const count = (value: number | null | undefined): string => (value == null ? none : whole.format(value));

/** `digits` significant digits, plain notation: 0.0005 → `0.0005`, 4.17312 → `4.173`. */
export function decimal(value: number | null | undefined, digits = 4): string {
  if (value == null) return none;
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(1);
  return new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(value);
}

/** Fixed decimals, so that a number that changes live keeps its width. */
export const fixed = (value: number | null | undefined, decimals: number): string =>
  value == null ? none : value.toFixed(decimals);

/** 0.312 → `31.2 %`. */
export const percent = (value: number | null | undefined, decimals = 1): string =>
  value == null ? none : `${(value * 100).toFixed(decimals)} %`;

/** Bytes in powers of 1024: `4.2 MiB`. */
export function bytes(value: number | null | undefined): string {
  if (value == null) return none;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  const scaled = value / 1024 ** power;
  return `${scaled.toFixed(power === 0 || scaled >= 100 ? 0 : 1)} ${units[power]}`;
}

/** 4385000 → `4.4 M`. */
export const compact = (value: number | null | undefined): string =>
  value == null
    ? none
    : new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
        .format(value)
        .replace(/([KMBT])$/, ' $1');

/**
 * Seconds → `1 min 52 s`, the two largest units that matter. (Intl.DurationFormat would do; browsers have it only since
 * 2025, and Node 20, which runs the tests, does not.)
 */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null) return none;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** How long ago: `just now`, `3 min ago`, `2 h ago`, then the date. */
export function ago(time: Date, now: Date): string {
  const seconds = (now.getTime() - time.getTime()) / 1000;
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return time.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** Local time of day with seconds: `12:04:10`. */
export const clock = (time: Date): string => time.toLocaleTimeString(undefined, { hourCycle: 'h23' });

/** camelCase → words: `numHiddenLayers` → `Num hidden layers`. */
export const words = (name: string): string => {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

/**
 * Okabe and Ito's palette (Color Universal Design, 2008): told apart with any kind of colour blindness. Black is left
 * out: it can't be seen on a dark page.
 */
export const palette = {
  blue: '#0072b2',
  sky: '#56b4e9',
  green: '#009e73',
  orange: '#e69f00',
  vermilion: '#d55e00',
  purple: '#cc79a7',
  grey: '#8a8f98',
} as const;

const ofRuns = [palette.blue, palette.orange, palette.green, palette.purple, palette.sky, palette.vermilion];

/** A run's colour, the same on every page: its id's last digits choose (a UUIDv7 ends in random ones). */
export const runColor = (runId: string): string =>
  ofRuns[Number.parseInt(runId.slice(-4), 16) % ofRuns.length] ?? palette.blue;

/** A rank's colour in the charts of one run. */
export const rankColor = (rank: number): string => ofRuns[rank % ofRuns.length];

import { readFileSync } from 'node:fs';

/** Of this package: beside both the sources and the build. */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

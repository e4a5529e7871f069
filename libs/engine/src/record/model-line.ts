import { fileURLToPath } from 'node:url';

const ENGINE = fileURLToPath(new URL('..', import.meta.url));

/** file:line:column of the first stack frame outside the engine and the libraries: the model's line that asked for an operation. */
export function modelLine(error: Error): string {
  for (const frame of (error.stack ?? '').split('\n')) {
    const place = /((?:file:\/\/)?\/[^()\s]+|[A-Za-z]:\\[^()]+):(\d+):(\d+)\)?$/.exec(frame.trim());
    if (!place) continue;
    const file = place[1].startsWith('file:') ? fileURLToPath(place[1]) : place[1];
    const ours = file.startsWith(ENGINE) && !file.endsWith('.spec.ts');
    if (!ours && !file.includes('node_modules')) return `${file}:${place[2]}:${place[3]}`;
  }
  return 'an unknown line';
}

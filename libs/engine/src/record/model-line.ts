import { fileURLToPath } from 'node:url';

const ENGINE = fileURLToPath(new URL('..', import.meta.url));

/** tfjs's frames may be mapped to its sources, which lie nowhere on this machine. */
const LIBRARIES = /node_modules|tfjs-[a-z-]+[\\/]src[\\/]/;

/** file:line:column of the first stack frame outside the engine and the libraries: the model's line that asked for an operation. */
export function modelLine(error: Error): string {
  for (const frame of (error.stack ?? '').split('\n')) {
    const place = /((?:file:\/\/)?\/[^()\s]+|[A-Za-z]:\\[^()]+):(\d+):(\d+)\)?$/.exec(frame.trim());
    if (!place) continue;
    const file = place[1].startsWith('file:') ? fileURLToPath(place[1]) : place[1];
    const ours = file.startsWith(ENGINE) && !file.endsWith('.spec.ts');
    if (!ours && !LIBRARIES.test(file)) return `${file}:${place[2]}:${place[3]}`;
  }
  return 'an unknown line';
}

export interface Line {
  /** Counted from 1. */
  line: number;
  text: string;
}

/**
 * The lines of UTF-8 bytes, empty ones too. A line feed ends a line, with or without a carriage return before it; a lone carriage
 * return does only in a text without any line feed, and Unicode's other line ends never do (they would shift parallel lines).
 */
export function* linesOf(bytes: Uint8Array): Generator<Line> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.includes(0x0a) ? 0x0a : 0x0d;
  let line = 0;
  let start = 0;
  while (start < buffer.length) {
    const found = buffer.indexOf(end, start);
    const next = found < 0 ? buffer.length : found;
    const last = next > start && end === 0x0a && buffer[next - 1] === 0x0d ? next - 1 : next;
    line++;
    yield { line, text: buffer.toString('utf8', start, last) };
    start = next + 1;
  }
}

const pieceBytes = 8 * 1024 * 1024;
const lineFeed = 0x0a;

/**
 * Cuts a text file's bytes into pieces of about 8 MiB that can be read one by one: at a blank line (between documents)
 * where there is one, else at the end of a line.
 */
export function* textPieces(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (bytes.length - start > 2 * pieceBytes) {
    const end = blankLine(bytes, start + pieceBytes) ?? lineEnd(bytes, start + pieceBytes);
    if (end === undefined) break;
    yield bytes.subarray(start, end);
    start = end;
  }
  yield bytes.subarray(start);
}

/** Where the line after the first blank one begins, looked for within the next piece. */
function blankLine(bytes: Buffer, from: number): number | undefined {
  const window = bytes.subarray(from, from + pieceBytes);
  const found = ['\n\n', '\n\r\n']
    .map((mark) => ({ at: window.indexOf(mark), length: mark.length }))
    .filter(({ at }) => at >= 0);
  const first = found.sort((a, b) => a.at - b.at)[0];
  return first && from + first.at + first.length;
}

function lineEnd(bytes: Buffer, from: number): number | undefined {
  const at = bytes.indexOf(lineFeed, from);
  return at < 0 ? undefined : at + 1;
}

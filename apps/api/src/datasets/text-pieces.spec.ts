import { describe, expect, it } from '@jest/globals';
import { textPieces } from './text-pieces.js';

const mebibyte = 1024 * 1024;
const repeat = (unit: string, bytes: number) => Buffer.from(unit.repeat(Math.ceil(bytes / unit.length)));

describe('textPieces', () => {
  it.each([
    ['blank lines', 'One sentence.\nAnother.\n\n', '\n\n'],
    ['Windows line ends', 'One sentence.\r\nAnother.\r\n\r\n', '\n\r\n'],
    ['no blank line', 'One sentence a line.\n', '\n'],
  ])('cuts a text with %s where nothing is torn', (_what, unit, end) => {
    const bytes = repeat(unit, 30 * mebibyte);
    const pieces = [...textPieces(bytes)];
    expect(pieces.length).toBeGreaterThan(2);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    for (const piece of pieces) expect(piece.subarray(-end.length).toString()).toBe(end);
  });

  it('leaves a small text, and one line without an end, whole', () => {
    for (const bytes of [Buffer.from(''), Buffer.from('a\n\nb'), Buffer.alloc(20 * mebibyte, 'x')]) {
      const pieces = [...textPieces(bytes)];
      expect(pieces.length).toBe(1);
      expect(pieces[0].equals(bytes)).toBe(true);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { toUtf8 } from './decode-text.js';

const utf8 = (text: string) => Buffer.from(text);
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();
const gb18030 = Buffer.from(
  'd6d0b9fac8cbc3f1b5c4cec4d7d6caf5d3efb1edcabeb7bdb7a80ab5dab6fed0d0d2b2cac7d6d0cec40a',
  'hex',
);

describe('toUtf8', () => {
  it.each<[string, Uint8Array, string, string]>([
    ['UTF-8', utf8('Größe 🎈'), 'utf-8', 'Größe 🎈'],
    ['UTF-8 with a mark', utf8('\ufeffGröße'), 'utf-8', 'Größe'],
    ['UTF-16, marked', Buffer.from('\ufeffGröße 汉\n', 'utf16le'), 'utf-16le', 'Größe 汉\n'],
    ['UTF-16 big-endian, marked', bigEndian('\ufeffGröße'), 'utf-16be', 'Größe'],
    [
      'UTF-16 without a mark',
      Buffer.from('label\ttext of ASCII letters\n', 'utf16le'),
      'utf-16le',
      'label\ttext of ASCII letters\n',
    ],
    ['UTF-16 big-endian without a mark', bigEndian('plain words'), 'utf-16be', 'plain words'],
    ['Latin-1', Buffer.from('Größe à la carte', 'latin1'), 'windows-1252', 'Größe à la carte'],
    [
      'the quotes of Windows-1252',
      Buffer.from([0x93, 0x61, 0x94, 0x20, 0x80, 0x20, 0x92, 0x73]),
      'windows-1252',
      '“a” € ’s',
    ],
    ['GB 18030', gb18030, 'gb18030', '中国人民的文字术语表示方法\n第二行也是中文\n'],
  ])('reads %s', (_what, bytes, encoding, text) => {
    const read = toUtf8(bytes);
    expect({ ...read, bytes: Buffer.from(read.bytes).toString() }).toEqual({ bytes: text, encoding, damaged: false });
  });

  it('keeps UTF-8 in which a few bytes are damaged', () => {
    const bytes = Buffer.concat([utf8('Größe, Maß und Übermut; naïve Größen\n'), Buffer.from([0xe9, 0x0a])]);
    const read = toUtf8(bytes);
    expect(read).toMatchObject({ encoding: 'utf-8', damaged: true });
    expect(Buffer.from(read.bytes).toString()).toBe('Größe, Maß und Übermut; naïve Größen\n\ufffd\n');
  });

  it('decodes a text longer than a piece whole, also where a character lies across', () => {
    const text = `a${'汉'.repeat(2_500_000)}`;
    expect(Buffer.from(toUtf8(Buffer.from(`\ufeff${text}`, 'utf16le')).bytes).equals(utf8(text))).toBe(true);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /empty/],
    ['a zero byte', utf8('abc\nd\0ef'), /NUL byte in line 2/],
    ['control bytes without a zero', Uint8Array.from({ length: 3000 }, (_, i) => 1 + ((i * 7919) % 255)), /binary/],
    ['a zero in UTF-16', Buffer.from('\ufeffa\0b', 'utf16le'), /NUL/],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => toUtf8(bytes)).toThrow(message);
    expect(() => toUtf8(bytes)).toThrow(expect.objectContaining({ code: 'invalid-file' }));
  });
});

import { isUtf8 } from 'node:buffer';
import { AppError } from '@regatta/contracts';
import chardet from 'chardet';

export interface Utf8Text {
  /** The text in UTF-8, without a byte order mark; a part of what was given where that was UTF-8 already. */
  bytes: Uint8Array;
  /** The WHATWG's name of what it was: utf-8, utf-16le, windows-1252, … */
  encoding: string;
  /** Some bytes are no UTF-8, though the rest is: they read as U+FFFD. */
  damaged: boolean;
}

const sampleBytes = 65_536;
const pieceBytes = 4 * 1024 * 1024;
/** More of the bytes above 0x7f than this, and it is no western European text, in which most letters have no accents. */
const westernShare = 0.15;

/**
 * The bytes of a text file in UTF-8: as they are, or decoded from UTF-16 (by its mark, or by its zeros where Latin letters dominate),
 * from Windows-1252 (of which Latin-1 is a part in practice), or, where most bytes are not ASCII, from the encoding whose letters
 * they resemble (GB 18030, Big5, Shift JIS, EUC-KR, Windows-1251, …: `chardet`).
 * @throws AppError `invalid-file` for an empty or binary file
 */
export function toUtf8(bytes: Uint8Array): Utf8Text {
  if (bytes.length === 0)
    throw new AppError('invalid-file', 'The file is empty.', { next: 'Upload a text file with something in it.' });
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  const wide = utf16(bytes);
  if (wide) {
    const text = { bytes: decoded(bytes, wide), encoding: wide, damaged: false };
    refuseBinary(text.bytes);
    return text;
  }
  refuseBinary(bytes);
  if (isUtf8(bytes)) return { bytes, encoding: 'utf-8', damaged: false };
  const { sequences, strays, high } = highBytes(bytes);
  if (sequences >= 4 * strays) return { bytes, encoding: 'utf-8', damaged: true };
  const encoding = high / bytes.length > westernShare ? resembling(bytes) : 'windows-1252';
  return { bytes: decoded(bytes, encoding), encoding, damaged: false };
}

function utf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes.length < 4 || bytes.length % 2 === 1) return undefined;
  const sample = bytes.subarray(0, sampleBytes);
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i & 1]++;
  });
  const units = sample.length / 2;
  if (zeros[1] > units / 2 && zeros[0] === 0) return 'utf-16le';
  if (zeros[0] > units / 2 && zeros[1] === 0) return 'utf-16be';
  return undefined;
}

/** @throws AppError `invalid-file` for bytes that no text has */
function refuseBinary(bytes: Uint8Array): void {
  const zero = bytes.indexOf(0);
  if (zero < 0 && controlShare(bytes) <= 0.05) return;
  const line = 1 + bytes.subarray(0, Math.max(0, zero)).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  const what = zero < 0 ? 'many control characters' : `a NUL byte in line ${line}`;
  throw new AppError('invalid-file', `The file is binary, not text: it holds ${what}.`, {
    next: 'Upload plain text (UTF-8, UTF-16 or Latin-1), not an archive, image or office document.',
  });
}

/** Share of control bytes that no text uses (tab, line ends, form feed and escape are allowed). */
function controlShare(bytes: Uint8Array): number {
  const sample = bytes.subarray(0, sampleBytes);
  let control = 0;
  for (const byte of sample) if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) control++;
  return control / sample.length;
}

/** Counts bytes above 0x7f, those among them that form whole UTF-8 sequences, and those that do not. */
function highBytes(bytes: Uint8Array): { sequences: number; strays: number; high: number } {
  const counts = { sequences: 0, strays: 0, high: 0 };
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte < 0x80) continue;
    const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc2 ? 1 : 0;
    let found = 0;
    while (found < more && (bytes[i + found + 1] & 0xc0) === 0x80) found++;
    const whole = more > 0 && found === more;
    counts.high += whole ? more + 1 : 1;
    if (whole) counts.sequences++;
    else counts.strays++;
    if (whole) i += more;
  }
  return counts;
}

function resembling(bytes: Uint8Array): string {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  const name = chardet.detect(bytes.subarray(first, first + sampleBytes));
  // Of Latin letters with accents a short text tells too little.
  if (!name || /^(ISO-8859-[129]|windows-125[024])$/i.test(name)) return 'windows-1252';
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return 'windows-1252'; // one that the platform cannot decode
  }
}

function decoded(bytes: Uint8Array, encoding: string): Uint8Array {
  const decoder = new TextDecoder(encoding);
  const pieces: Buffer[] = [];
  // As a stream also where it is short: decoding at once, Node 20.20 takes Windows-1252 for Latin-1.
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(Buffer.from(decoder.decode(bytes.subarray(at, at + pieceBytes), { stream: true })));
  pieces.push(Buffer.from(decoder.decode()));
  return Buffer.concat(pieces);
}

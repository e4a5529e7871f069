import { isUtf8 } from 'node:buffer';
import { AppError } from '@regatta/contracts';

export interface DecodedText {
  text: string;
  encoding: 'utf-8' | 'latin-1';
}

const sampleBytes = 65_536;

/** Share of control bytes that no text uses (tab, line ends, form feed and escape are allowed). */
function controlShare(bytes: Uint8Array): number {
  const sample = bytes.subarray(0, sampleBytes);
  let control = 0;
  for (const byte of sample) if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) control++;
  return control / sample.length;
}

/**
 * Text of a file: UTF-8 with or without a byte order mark, else Latin-1 (as Windows-1252, of which it is a part in practice).
 * @throws AppError `invalid-file` for an empty, UTF-16 or binary file
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length === 0) {
    throw new AppError('invalid-file', 'The file is empty.', {
      next: 'Upload a text file with at least one sentence.',
    });
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new AppError('invalid-file', 'The file is UTF-16.', { next: 'Save it as UTF-8 and upload it again.' });
  }
  if (bytes.includes(0) || controlShare(bytes) > 0.05) {
    throw new AppError('invalid-file', 'The file is binary, not text.', {
      next: 'Upload plain text (UTF-8 or Latin-1), not an archive, image or office document.',
    });
  }
  if (isUtf8(bytes)) return { text: new TextDecoder('utf-8').decode(bytes), encoding: 'utf-8' };
  return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'latin-1' };
}

import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '@regatta/contracts';

/** What a safetensors header says of a tensor: where it lies, from the file's beginning. */
export interface TensorPlace {
  dtype: string;
  shape: number[];
  start: number;
  bytes: number;
}

const lengthBytes = 8;
/** A thousand tensors need about 100 kB. */
const longestHeader = 100_000_000;
const metadataKey = '__metadata__';

/** Numbers of other widths become 32-bit floats: exactly from halves, rounded from doubles. */
const converters: Record<string, { width: number; convert: (bytes: DataView, at: number) => number }> = {
  F32: { width: 4, convert: (bytes, at) => bytes.getFloat32(at, true) },
  F64: { width: 8, convert: (bytes, at) => bytes.getFloat64(at, true) },
  F16: { width: 2, convert: (bytes, at) => fromHalf(bytes.getUint16(at, true)) },
  BF16: { width: 2, convert: (bytes, at) => fromBrainFloat(bytes.getUint16(at, true)) },
};

const unreadable = (what: string): AppError =>
  new AppError('invalid-file', `The safetensors file is not readable: ${what}.`, {
    next: 'Use a complete safetensors file.',
  });

/** A safetensors file on disk, of which only the header is read until a tensor is asked for. */
export class SafetensorsFile {
  private constructor(
    private readonly file: FileHandle,
    /** In the header's order. */
    readonly tensors: ReadonlyMap<string, TensorPlace>,
  ) {}

  /** @throws AppError `invalid-file` where the header or an extent is wrong, or bytes are missing */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await open(path, 'r');
    try {
      return new SafetensorsFile(file, await readHeader(file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * A tensor as 32-bit floats, row-major.
   * @throws AppError `invalid-file` for numbers that are no floats
   */
  async read(name: string): Promise<{ shape: number[]; data: Float32Array }> {
    const { dtype, shape, start, bytes } = this.tensors.get(name) as TensorPlace;
    const converter = converters[dtype];
    if (!converter) throw unreadable(`tensor ${name} is ${dtype}, not one of ${Object.keys(converters).join(', ')}`);
    const stored = Buffer.alloc(bytes);
    await this.file.read(stored, 0, bytes, start);
    const view = new DataView(stored.buffer, stored.byteOffset, bytes);
    const data = new Float32Array(bytes / converter.width);
    for (let i = 0; i < data.length; i++) data[i] = converter.convert(view, i * converter.width);
    return { shape, data };
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

async function readHeader(file: FileHandle): Promise<Map<string, TensorPlace>> {
  const { size } = await file.stat();
  if (size < lengthBytes) throw unreadable(`it has only ${size} bytes`);
  const prefix = Buffer.alloc(lengthBytes);
  await file.read(prefix, 0, lengthBytes, 0);
  const length = Number(prefix.readBigUInt64LE());
  if (length > longestHeader || lengthBytes + length > size)
    throw unreadable(`its header would have ${length} bytes of ${size}`);
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, lengthBytes);
  const first = lengthBytes + length;
  const places = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(parse(text.toString('utf8'))))
    if (name !== metadataKey) places.set(name, place(name, entry, first, size));
  return places;
}

function parse(text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null) return header as Record<string, unknown>;
  } catch {
    // said below, as for JSON that is no object
  }
  throw unreadable('its header is not JSON');
}

function place(name: string, entry: unknown, first: number, size: number): TensorPlace {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const sizes = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof dtype !== 'string' || !sizes || !Array.isArray(offsets))
    throw unreadable(`tensor ${name} has no shape or no place`);
  const [from, to] = offsets as number[];
  const elements = (shape as number[]).reduce((product, n) => product * n, 1);
  const width = converters[dtype]?.width ?? (to - from) / elements;
  if (!(from >= 0 && first + to <= size && to - from === width * elements))
    throw unreadable(
      `tensor ${name} of shape [${(shape as number[]).join(', ')}] cannot be bytes ${from} to ${to} of ${size - first}`,
    );
  return { dtype, shape: shape as number[], start: first + from, bytes: to - from };
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const word = new DataView(new ArrayBuffer(4));
/** The upper half of a binary32. */
function fromBrainFloat(bits: number): number {
  word.setUint32(0, bits * 0x10000);
  return word.getFloat32(0);
}

import { AppError } from '@regatta/contracts';

/** A tensor of 32-bit floats, row-major. */
export interface StoredTensor {
  shape: number[];
  data: Float32Array;
}

interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The header's length comes first, 64 bits little-endian. */
const lengthBytes = 8;
/** Readers refuse longer headers. */
const longestHeader = 100_000_000;
const metadataKey = '__metadata__';

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const bytesOf = ({ data }: StoredTensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const unreadable = (what: string): AppError =>
  new AppError('invalid-file', `The safetensors file is not readable: ${what}.`, {
    next: 'Use a complete safetensors file of 32-bit floats.',
  });

/**
 * The safetensors format (huggingface/safetensors, README): header length, JSON header, then the data of all tensors in the order
 * given, without gaps. The bytes are a function of the tensors and the metadata alone. npm has no kept-up writer of it.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata?: Readonly<Record<string, string>>,
): Buffer {
  const header: Record<string, unknown> = metadata === undefined ? {} : { [metadataKey]: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (elements(shape) !== data.length || name === metadataKey) {
      throw new AppError('internal', `Tensor ${name} of shape [${shape.join(', ')}] has ${data.length} elements.`);
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] } satisfies Record<
      keyof TensorEntry,
      unknown
    >;
    offset += data.byteLength;
  }
  let text = Buffer.from(JSON.stringify(header));
  // spaces at the end bring the data to a multiple of 8
  text = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const file = Buffer.allocUnsafe(lengthBytes + text.length + offset);
  file.writeBigUInt64LE(BigInt(text.length));
  text.copy(file, lengthBytes);
  let at = lengthBytes + text.length;
  for (const tensor of tensors.values()) {
    file.set(bytesOf(tensor), at);
    at += tensor.data.byteLength;
  }
  return file;
}

/**
 * The tensors of a safetensors file, in the header's order, copied out of it.
 * @throws AppError `invalid-file` where the header, a type other than F32, or an extent is wrong
 */
export function decodeSafetensors(file: Uint8Array): Map<string, StoredTensor> {
  const { header, data } = splitFile(file);
  const tensors = new Map<string, StoredTensor>();
  let covered = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === metadataKey) continue;
    const { dtype, shape, data_offsets: offsets } = entry as TensorEntry;
    if (dtype !== 'F32') throw unreadable(`tensor ${name} is ${dtype}, not F32`);
    if (!Array.isArray(shape) || !Array.isArray(offsets)) throw unreadable(`tensor ${name} has no shape or no place`);
    const [start, end] = offsets;
    if (!(start >= 0 && end <= data.byteLength && end - start === 4 * elements(shape))) {
      throw unreadable(
        `tensor ${name} of shape [${shape.join(', ')}] cannot be bytes ${start} to ${end} of ${data.byteLength}`,
      );
    }
    const values = new Float32Array(elements(shape));
    new Uint8Array(values.buffer).set(data.subarray(start, end));
    tensors.set(name, { shape, data: values });
    covered += end - start;
  }
  if (covered !== data.byteLength) throw unreadable(`${data.byteLength - covered} bytes belong to no tensor`);
  return tensors;
}

/**
 * The shapes of a safetensors file's tensors, by name; the data is not looked at.
 * @throws AppError `invalid-file` where there is no header
 */
export function safetensorsShapes(file: Uint8Array): Record<string, number[]> {
  const entries = Object.entries(splitFile(file).header).filter(([name]) => name !== metadataKey);
  return Object.fromEntries(entries.map(([name, entry]) => [name, (entry as TensorEntry).shape]));
}

function splitFile(file: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (file.byteLength < lengthBytes) throw unreadable(`it has only ${file.byteLength} bytes`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > longestHeader || lengthBytes + length > file.byteLength) {
    throw unreadable(`its header would have ${length} bytes of ${file.byteLength}`);
  }
  const text = Buffer.from(file.buffer, file.byteOffset + lengthBytes, length).toString('utf8');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof header !== 'object' || header === null) throw unreadable('its header is not JSON');
  return { header: header as Record<string, unknown>, data: file.subarray(lengthBytes + length) };
}

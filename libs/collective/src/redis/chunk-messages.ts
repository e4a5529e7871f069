import type { BufferPool } from '../partial-tree.js';
import type { VectorFormat } from '../vector/format.js';
import { bytesOf } from '../vector/vector.js';
import type { GradientServer } from './gradient-server.js';
import type { ChunkLayout } from './layout.js';
import type { MessageHeader } from './message.js';

/** Chunks of a vector as messages on the gradient servers, each on its own server and in the vector's format. */
export class ChunkMessages {
  constructor(
    private readonly servers: readonly GradientServer[],
    private readonly layout: ChunkLayout,
    private readonly format: VectorFormat,
    private readonly pool: BufferPool,
  ) {}

  /** Stores a chunk and tells each of `inboxes`. Resolves when the server has it; until then `stretch` must not change. */
  async store(
    key: string,
    header: MessageHeader,
    stretch: Float32Array,
    inboxes: { list: string; notice: string }[],
  ): Promise<void> {
    await this.asBytes(header.chunk, stretch, async (bytes, packed) => {
      if (packed) {
        this.format.pack(stretch, this.layout.from(header.chunk), bytes);
      }
      await this.server(header.chunk).send(key, header, bytes, inboxes);
    });
  }

  /** Reads a chunk into its place. Throws as `GradientServer.fetch` does. */
  async load(key: string, header: MessageHeader, stretch: Float32Array): Promise<void> {
    await this.asBytes(header.chunk, stretch, async (bytes, packed) => {
      await this.server(header.chunk).fetch(key, header, bytes);
      if (packed) {
        this.format.unpack(bytes, this.layout.from(header.chunk), stretch);
      }
    });
  }

  server(chunk: number): GradientServer {
    return this.servers[this.layout.server(chunk)];
  }

  /** Calls `use` with the bytes of a stretch: its own where they travel as they are, else room for them. */
  private async asBytes(
    chunk: number,
    stretch: Float32Array,
    use: (bytes: Uint8Array, packed: boolean) => Promise<void>,
  ): Promise<void> {
    const from = this.layout.from(chunk);
    if (!this.format.packs(from)) {
      return use(bytesOf(stretch), false);
    }
    const room = this.pool.take(stretch.length);
    await use(bytesOf(room).subarray(0, this.format.bytes(from, from + stretch.length)), true);
    this.pool.give(room);
  }
}

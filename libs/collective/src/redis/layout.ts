/** How a flat vector is cut into chunks, who owns each and on which server it lies. */
export class ChunkLayout {
  /** Number of chunks. */
  readonly chunks: number;

  constructor(
    /** Floats of the whole vector. */
    readonly length: number,
    readonly chunkFloats: number,
    readonly worldSize: number,
    readonly servers: number,
  ) {
    this.chunks = Math.ceil(length / chunkFloats);
  }

  /** The rank that adds and publishes the chunk. */
  owner(chunk: number): number {
    return chunk % this.worldSize;
  }

  /** Does not depend on the world size, so that ranks of another generation find the sums. */
  server(chunk: number): number {
    return chunk % this.servers;
  }

  /** Where this chunk begins in the vector. */
  from(chunk: number): number {
    return chunk * this.chunkFloats;
  }

  /** This chunk's stretch of a vector, as a view. */
  slice(vector: Float32Array, chunk: number): Float32Array {
    return vector.subarray(this.from(chunk), Math.min(this.length, this.from(chunk + 1)));
  }

  owned(rank: number): number[] {
    return Array.from({ length: this.chunks }, (_, chunk) => chunk).filter((chunk) => this.owner(chunk) === rank);
  }
}

import { philox } from './philox.js';

/** Where a random number belongs. The site is a name ("mlm.mask", "init.bert.pooler.dense.weight"), never a running number. */
export interface Place {
  seed: number;
  step?: number;
  shard?: number;
  site: string;
}

/** FNV-1a (32 bits) of a site's name: the counter word that keeps sites apart. */
export function siteNumber(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Random numbers of one place: number i is a function of (seed, step, shard, site, i) alone.
 * Key = (seed, step), counter = (i / 4, site, shard, 0): the layout that the engine's dropout kernel uses too.
 */
export class RandomStream {
  private readonly words = new Uint32Array(4);
  private block = -1;
  private readonly site: number;
  private readonly step: number;
  private readonly shard: number;

  constructor(private readonly place: Place) {
    this.site = siteNumber(place.site);
    this.step = place.step ?? 0;
    this.shard = place.shard ?? 0;
  }

  /** Unsigned 32-bit word number i. */
  word(i: number): number {
    const block = Math.floor(i / 4);
    if (block !== this.block) {
      philox(this.words, 0, block, this.site, this.shard, 0, this.place.seed, this.step);
      this.block = block;
    }
    return this.words[i & 3];
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(i: number): number {
    return this.word(i) / 0x1_0000_0000;
  }

  /** Integer in [0, n); the bias of the multiplication is below n / 2³². */
  integer(i: number, n: number): number {
    return Math.floor(this.uniform(i) * n);
  }

  /** Standard normal number i (Box–Muller on words 2i and 2i + 1). */
  normal(i: number): number {
    const u = (this.word(2 * i) + 1) / 0x1_0000_0001;
    const v = this.word(2 * i + 1) / 0x1_0000_0000;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }

  /** A permutation of 0 … n − 1 (Fisher–Yates, word n − 1 − i for position i). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(n - 1 - i, i + 1);
      const moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }
}

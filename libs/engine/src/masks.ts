import type { ParameterSpace } from './memory/space.js';
import type { RunPlace } from './types.js';

/** Philox blocks (16 bytes) that a micro-batch's mask takes: the next micro-batch of its shard starts behind them. */
const maskBlocks = (bytes: number): number => Math.ceil(bytes / 16);

/** Draws a site's mask for one micro-batch into `bytes`, which lie in the space's memory; threshold is the rate in 256ths. */
export function drawSite(
  space: ParameterSpace,
  bytes: Uint8Array,
  { site, threshold }: { site: string; threshold: number },
  { seed, step, shard, micro }: RunPlace,
): void {
  space.drawMask(bytes, threshold, { seed, step, shard, site, firstBlock: micro * maskBlocks(bytes.length) });
}

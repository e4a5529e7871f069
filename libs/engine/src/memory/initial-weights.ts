import { RandomStream } from '@regatta/random';
import { sinusoidal } from './sinusoidal.js';
import type { ParameterSpace } from './space.js';

/** See ParameterSpace.initialize. */
export function initialWeights(space: ParameterSpace, seed: number, std: number): void {
  for (const { name, shape, init } of space.parameters) {
    const weights = space.view('w', name);
    const stream = new RandomStream({ seed, site: `init.${name}` });
    if (init === 'normal') {
      for (let i = 0; i < weights.length; i++) weights[i] = std * stream.normal(i);
    } else if (init === 'xavier') {
      const most = Math.sqrt(6 / (shape[0] + shape[1]));
      for (let i = 0; i < weights.length; i++) weights[i] = most * (2 * stream.uniform(i) - 1);
    } else if (init === 'sinusoidal') {
      sinusoidal(weights, shape[0], shape[1], 2 * std);
    } else {
      weights.fill(init === 'ones' ? 1 : 0);
    }
  }
}

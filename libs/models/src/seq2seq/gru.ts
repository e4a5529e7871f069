// B batch, T steps, H width. Rows are time-major: row = t · B + b.
import { dropout, gruCell, type Keep, stepLinear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;
export type Weights = Record<string, Tensor>;

/** One layer of gated recurrent units (Cho et al., 2014), with the names and the formula of torch.nn.GRU. */
export class GruLayer {
  private readonly at: (part: string) => Tensor;

  constructor(p: Weights, name: string, layer: number) {
    this.at = (part) => p[`${name}.${part}_l${layer}`];
  }

  /** What the inputs add to the gates: x [n, in] → [n, 3 H]; of all steps at once where they are known before the recurrence. */
  fromInputs(x: Tensor): Tensor {
    return stepLinear(x, this.at('weight_ih'), this.at('bias_ih'));
  }

  /** The next state from the inputs' part [B, 3 H] and the state h [B, H]; where alive [B, 1] is 0 the state stays. */
  step(fromInput: Tensor, h: Tensor, alive?: Tensor): Tensor {
    return gruCell(fromInput, stepLinear(h, this.at('weight_hh'), this.at('bias_hh')), h, alive);
  }

  /** All states [T · B, H], and the last [B, H], of inputs' parts [T · B, 3 H] from the state h. */
  over(fromInputs: Tensor, h: Tensor, alive?: readonly Tensor[]): { states: Tensor; last: Tensor } {
    const steps = tf.split(fromInputs, fromInputs.shape[0] / h.shape[0], 0);
    const states: Tensor[] = [];
    let last = h;
    for (const [t, step] of steps.entries()) {
      last = this.step(step, last, alive?.[t]);
      states.push(last);
    }
    return { states: tf.concat(states, 0), last };
  }
}

/** Drops at a named site. */
export type Drop = (x: Tensor, site: string) => Tensor;

export const dropAt =
  (keep: Keep, rate: number): Drop =>
  (x, site) =>
    dropout(x, keep(site, x.shape, rate), rate);

/** The layers of a stack. */
export const gruStack = (p: Weights, name: string, layers: number): GruLayer[] =>
  Array.from({ length: layers }, (_, l) => new GruLayer(p, name, l));

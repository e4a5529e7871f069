import { siteNumber } from '@regatta/random';
import { EngineError } from '../errors.js';
import { initialWeights } from './initial-weights.js';
import { type Kernels, kernelsOn } from './kernels.js';
import {
  elements,
  fromHuggingFace,
  type Layout,
  layOut,
  learns,
  type NamedTensor,
  type ParameterSpec,
  roundUp,
  SLOT,
  toHuggingFace,
} from './layout.js';
import {
  type AdamWOptions,
  adamw,
  gradientNorm,
  type OuterOptions,
  outerStep,
  sgd,
  type Updated,
} from './optimizers.js';

const PAGE = 65536;
/** WebAssembly's 32-bit address space. */
const MOST_BYTES = 65536 * PAGE;

/** o: momentum of the outer step, where there are local steps. */
export type Region = 'w' | 'g' | 'm' | 'v' | 'o';

export interface SpaceOptions {
  /** Bytes that the inputs, masks and outputs of the programs over this space share. */
  scratchBytes: number;
  /** Further flat vectors, for the partial sums of the shard tree. */
  partials: number;
  /** Float slots after the gradient that travel with it (loss sums, counts); rounded up so that flatLength is a multiple of 16. */
  scalars: number;
  /**
   * Steps between two exchanges. 1, the default: gradients are exchanged. More: what a shard's steps made of w, m and v, with the scalars of each
   * step and one more, so partials are longer.
   */
  localSteps?: number;
  /** false: weights alone, for forward programs; a model of four times the size fits. */
  training?: boolean;
}

type Moments = Record<'m' | 'v', ReadonlyMap<string, NamedTensor>> & { o?: ReadonlyMap<string, NamedTensor> };

/**
 * Weights w, gradients g and AdamW's moments m and v of one model as flat vectors in one WebAssembly memory, with scratch for programs.
 * The memory never grows: growing would detach the views that a runtime holds. All sums have a fixed order.
 */
export class ParameterSpace {
  readonly parameters: readonly ParameterSpec[];
  /** Floats of the parameters, gaps included. */
  readonly total: number;
  /** Of these, floats of what learns: the first. */
  readonly learning: number;
  /** learning + scalars: the length of g. */
  readonly flatLength: number;
  /** w: [total]; m, v: [learning]; g: [flatLength], the gradient of what learns and after it the scalars; o: [learning], or nothing. */
  readonly views: Readonly<Record<Region, Float32Array>>;
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** Processor-bound work of this space so far, in ms: drawing masks, adding and copying flat vectors, updating the weights. */
  readonly spent = { masks: 0, sums: 0, update: 0 };
  readonly scratchStart: number;
  readonly scratchEnd: number;
  /** What ranks exchange, summed: g, or with local steps [3 learning + scalars]. Every partial is as long. */
  readonly reduced: Float32Array;
  /** With local steps: w, m and v of what learns, one after another, as a round began. Else nothing. */
  readonly start: Float32Array;
  private readonly layout: Layout;
  private readonly partials: Float32Array[];

  /** Throws EngineError `model_too_large` if it does not fit into 4 GiB. */
  constructor(parameters: readonly ParameterSpec[], options: SpaceOptions) {
    this.layout = layOut(parameters);
    this.parameters = this.layout.parameters;
    this.total = this.layout.total;
    this.learning = this.layout.learning;
    this.flatLength = this.learning + roundUp(options.scalars, SLOT);
    // the first page stays unused, so that no pointer is 0
    let at = PAGE;
    const take = (floats: number): number => {
      const start = at;
      at += roundUp(floats * 4, 4096);
      return start;
    };
    const { training = true, localSteps = 1 } = options;
    const local = training && localSteps > 1;
    const [flat, moments] = training ? [this.flatLength, this.learning] : [0, 0];
    const replica = local ? 3 * this.learning : 0;
    const exchanged = local ? replica + roundUp(localSteps * (options.scalars + 1), SLOT) : this.flatLength;
    const places = { w: take(this.total), g: take(flat), m: take(moments), v: take(moments) };
    const outer = { o: take(replica / 3), start: take(replica), reduced: local ? take(exchanged) : places.g };
    const partials = Array.from({ length: options.partials }, () => take(exchanged));
    this.scratchStart = at;
    this.scratchEnd = at + options.scratchBytes;
    if (this.scratchEnd > MOST_BYTES) {
      throw new EngineError(
        'model_too_large',
        `${this.total} parameters with ${options.partials} partial sums need ${(this.scratchEnd / 2 ** 30).toFixed(1)} GiB; one process can address 4.`,
        'Use fewer shards a worker or a smaller model.',
      );
    }
    const pages = Math.ceil(this.scratchEnd / PAGE);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.kernels = kernelsOn(this.memory);
    const floats = (start: number, n: number) => new Float32Array(this.memory.buffer, start, n);
    this.views = {
      w: floats(places.w, this.total),
      g: floats(places.g, flat),
      m: floats(places.m, moments),
      v: floats(places.v, moments),
      o: floats(outer.o, replica / 3),
    };
    this.start = floats(outer.start, replica);
    this.reduced = local ? floats(outer.reduced, exchanged) : this.views.g;
    this.partials = partials.map((start) => floats(start, exchanged));
  }

  get w(): Float32Array {
    return this.views.w;
  }

  /** The gradient, then the scalars. */
  get g(): Float32Array {
    return this.views.g;
  }

  get m(): Float32Array {
    return this.views.m;
  }

  get v(): Float32Array {
    return this.views.v;
  }

  /** One parameter's floats, as stored. What is frozen has only weights. */
  view(region: Region, name: string): Float32Array {
    const { offset, parameter } = this.find(name);
    if (region !== 'w' && !learns(parameter)) throw new RangeError(`${name} is frozen: it has no ${region}`);
    return this.views[region].subarray(offset, offset + elements(parameter.shape));
  }

  /** Partial sum i of the shard tree: as long as `reduced`. */
  partial(i: number): Float32Array {
    if (!this.partials[i]) throw new RangeError(`partial ${i} of ${this.partials.length}`);
    return this.partials[i];
  }

  /** The scalars behind a gradient (g or a partial of gradients). */
  scalars(flat: Float32Array): Float32Array {
    return flat.subarray(this.learning, this.flatLength);
  }

  /** target[from, to) += source[from, to), both flat vectors of this space. */
  add(target: Float32Array, source: Float32Array, from = 0, to = target.length): void {
    const [onto, what] = [this.pointer(target, from, to), this.pointer(source, from, to)];
    this.clocked('sums', () => this.kernels.add(onto, what, to - from));
  }

  /** target[from, to) = source[from, to). */
  copy(target: Float32Array, source: Float32Array, from = 0, to = target.length): void {
    this.clocked('sums', () => target.set(source.subarray(from, to), from));
  }

  zero(target: Float32Array, from = 0, to = target.length): void {
    target.fill(0, from, to);
  }

  /**
   * Initial weights: N(0, std²), or for 'xavier' uniform in ±√(6 / (rows + columns)) (Glorot & Bengio, 2010, equation 16), each
   * parameter from its own Philox site `init.<name>`; sinusoids of twice std; zeros; or ones. Moments and gradient become 0. Equal for equal seeds whoever computes them.
   */
  initialize(seed: number, std: number): void {
    initialWeights(this, seed, std);
    for (const region of ['g', 'm', 'v', 'o'] as const) this.views[region].fill(0);
  }

  /** Dropout's bytes of one site: 1 keeps, with probability 1 − threshold/256. `bytes` lies in this memory, with room to a multiple of 64. */
  drawMask(
    bytes: Uint8Array,
    threshold: number,
    place: { seed: number; step: number; shard: number; site: string; firstBlock: number },
  ): void {
    const { seed, step, shard, site, firstBlock } = place;
    const key = [seed, step, siteNumber(site), shard, firstBlock, threshold] as const;
    this.clocked('masks', () => this.kernels.philox(bytes.byteOffset, bytes.length, ...key));
  }

  /** Euclidean norm of a flat vector's gradient part (its scalars left out): float32 inside blocks, float64 across them. */
  gradientNorm(flat: Float32Array = this.g): number {
    return gradientNorm(this, this.pointer(flat, 0, this.learning));
  }

  /**
   * One update of w, m and v from a flat gradient, as torch.optim.AdamW makes it after clip_grad_norm_ (Loshchilov & Hutter, 2019);
   * decay on the parameters that declare it. A parameter's rateScale scales both; what is frozen keeps its bytes.
   * A norm that is not finite changes nothing and returns applied = false.
   */
  adamw(flat: Float32Array, options: AdamWOptions): Updated {
    return this.clocked('update', () => adamw(this, this.layout.segments, flat, options));
  }

  /**
   * One step of plain gradient descent, w −= learningRate · g after clipping, on a flat gradient. For small models: it is no kernel.
   * Norms that are not finite as for adamw.
   */
  sgd(flat: Float32Array, options: Pick<AdamWOptions, 'learningRate' | 'clipNorm' | 'gradientScale'>): Updated {
    return this.clocked('update', () => sgd(this, this.layout.segments, flat, options));
  }

  /**
   * The outer step after local ones (Douillard et al., 2023): gradient descent with Nesterov's momentum, as torch.optim.SGD makes it, on the mean
   * of what the replicas took off the weights; m and v become their means. `reduced` holds the sums. What is not finite changes nothing.
   */
  outerStep(options: OuterOptions): Updated {
    return this.clocked('update', () => outerStep(this, options));
  }

  /** The weights under Hugging Face's names, shapes and layout (copies). */
  exportWeights(): Map<string, NamedTensor> {
    return this.exportRegion('w');
  }

  /** The gradient of what learns, named and laid out like the weights (copies). */
  exportGradient(): Map<string, NamedTensor> {
    return this.exportRegion('g');
  }

  /** Throws EngineError `weights_missing` or `weights_mismatch`; nothing is written then. */
  importWeights(tensors: ReadonlyMap<string, NamedTensor>): void {
    this.importRegion('w', tensors);
  }

  /** AdamW's first (m) and second (v) moments of what learns, and the outer step's momentum (o), named and laid out like the weights. */
  exportMoments(): Record<'m' | 'v' | 'o', Map<string, NamedTensor>> {
    return { m: this.exportRegion('m'), v: this.exportRegion('v'), o: this.exportRegion('o') };
  }

  /** An outer momentum that is not there is 0: moments of a run without local steps. */
  importMoments({ m, v, o }: Moments): void {
    this.importRegion('m', m);
    this.importRegion('v', v);
    this.views.o.fill(0);
    if (o && o.size > 0) this.importRegion('o', o);
  }

  private exportRegion(region: Region): Map<string, NamedTensor> {
    return new Map(this.parametersIn(region).map((p) => [p.name, toHuggingFace(p, this.view(region, p.name))]));
  }

  private importRegion(region: Region, tensors: ReadonlyMap<string, NamedTensor>): void {
    const parameters = this.parametersIn(region);
    const values = parameters.map((parameter) => {
      const tensor = tensors.get(parameter.name);
      if (!tensor) {
        throw new EngineError('weights_missing', `There is no ${parameter.name}.`, 'Load weights of the same model.');
      }
      const stored = new Float32Array(elements(parameter.shape));
      fromHuggingFace(parameter, tensor, stored);
      return stored;
    });
    parameters.forEach((parameter, i) => {
      this.view(region, parameter.name).set(values[i]);
    });
  }

  private parametersIn(region: Region): readonly ParameterSpec[] {
    if (region === 'w') return this.parameters;
    return region === 'o' && this.views.o.length === 0 ? [] : this.parameters.filter(learns);
  }

  private find(name: string): { offset: number; parameter: ParameterSpec } {
    const offset = this.layout.offset.get(name);
    const parameter = this.parameters.find((p) => p.name === name);
    if (offset === undefined || !parameter) throw new RangeError(`no parameter ${name}`);
    return { offset, parameter };
  }

  private clocked<T>(what: keyof typeof this.spent, work: () => T): T {
    const since = performance.now();
    const result = work();
    this.spent[what] += performance.now() - since;
    return result;
  }

  private pointer(flat: Float32Array, from: number, to: number): number {
    if (flat.buffer !== this.memory.buffer || from < 0 || from > to || to > flat.length) {
      throw new RangeError(`[${from}, ${to}) of a vector of ${flat.length} is not a range of this space`);
    }
    return flat.byteOffset + 4 * from;
  }
}

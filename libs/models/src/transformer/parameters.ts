// D hidden size, I intermediate size, P positions, V vocabulary. Names are those of Hugging Face's MarianMT, less its prefix `model.`; the
// output layer is `lm_head`. As the engine stores them, dense weights are [in, out] where layout is 'io'; exported they are [out, in].
import type { ParameterShape } from '../shapes/index.js';
import type { Vocabularies } from '../translation.js';
import type { TransformerConfig } from './config.js';

const vector = (name: string, size: number, init: 'zeros' | 'ones' = 'zeros'): ParameterShape => ({
  name,
  shape: [size],
  decay: false,
  init,
});
const dense = (name: string, from: number, to: number): ParameterShape[] => [
  { name: `${name}.weight`, shape: [from, to], decay: true, init: 'xavier', layout: 'io' },
  vector(`${name}.bias`, to),
];
/** Stored as [out, in]: where the input is wide, the weight's gradient then transposes the narrow side. */
const denseOutIn = (name: string, from: number, to: number): ParameterShape[] => [
  { name: `${name}.weight`, shape: [to, from], decay: true, init: 'xavier' },
  vector(`${name}.bias`, to),
];
const norm = (name: string, size: number): ParameterShape[] => [
  vector(`${name}.weight`, size, 'ones'),
  vector(`${name}.bias`, size),
];
const attention = (at: string, name: string, size: number): ParameterShape[] => [
  ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) => dense(`${at}.${name}.${part}`, size, size)),
  ...norm(`${at}.${name}_layer_norm`, size),
];

function layer(side: 'encoder' | 'decoder', l: number, config: TransformerConfig): ParameterShape[] {
  const { hiddenSize: D, intermediateSize: I } = config;
  const at = `${side}.layers.${l}`;
  return [
    ...attention(at, 'self_attn', D),
    ...(side === 'decoder' ? attention(at, 'encoder_attn', D) : []),
    ...dense(`${at}.fc1`, D, I),
    ...denseOutIn(`${at}.fc2`, I, D),
    ...norm(`${at}.final_layer_norm`, D),
  ];
}

function stack(side: 'encoder' | 'decoder', vocabulary: number, config: TransformerConfig): ParameterShape[] {
  const { hiddenSize: D, maxPositionEmbeddings: P, numHiddenLayers } = config;
  // learned positions start as sinusoids: attention to neighbours is then found in half the steps (docs/decisions/0005)
  const positions: ParameterShape = {
    name: `${side}.embed_positions.weight`,
    shape: [P, D],
    decay: true,
    init: 'sinusoidal',
  };
  return [
    { name: `${side}.embed_tokens.weight`, shape: [vocabulary, D], decay: true, init: 'normal' },
    ...(config.positions === 'learned' ? [positions] : []),
    ...Array.from({ length: numHiddenLayers }, (_, l) => layer(side, l, config)).flat(),
    ...(config.norm === 'pre' ? norm(`${side}.layer_norm`, D) : []),
  ];
}

/** Dense matrices start as Glorot and Bengio's, embeddings as N(0, initializerRange²), 1/√D for a variance of 1 after their scaling by √D. */
export function transformerParameters(config: TransformerConfig, vocabularies: Vocabularies): ParameterShape[] {
  const { hiddenSize: D, tieEmbeddings } = config;
  const [weight, bias] = denseOutIn('lm_head', D, vocabularies.target);
  return [
    ...stack('encoder', vocabularies.source, config),
    ...stack('decoder', vocabularies.target, config),
    ...(tieEmbeddings ? [] : [weight]),
    bias,
  ];
}

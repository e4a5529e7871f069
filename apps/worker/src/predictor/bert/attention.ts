import type { AttentionMaps } from '@regatta/contracts';
import { invalid } from '../errors.js';
import { nested } from '../tensor.js';
import type { OutputName } from './graphs.js';
import type { BertOutput } from './loaded-bert.js';

/** The outputs to ask for, with attention where it is wanted. It is n² numbers a head: for one input at a time. */
export function withAttention(outputs: OutputName[], wanted: boolean, inputs: number): OutputName[] {
  if (wanted && inputs > 1) {
    throw invalid('returnAttention', `Attention was asked for ${inputs} inputs.`, 'Ask for one input at a time.');
  }
  return wanted ? [...outputs, 'attentions'] : outputs;
}

/** What to add to the answer. */
export function attentionOf({ attentions }: BertOutput, tokens: string[]): { attention?: AttentionMaps } {
  if (!attentions) return {};
  return { attention: { self: nested(attentions), cross: null, tokens, targetTokens: null } };
}

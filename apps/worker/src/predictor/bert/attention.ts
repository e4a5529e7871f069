import type { AttentionMaps } from '@regatta/contracts';
import { invalid } from '../errors.js';
import { nested } from '../tensor.js';
import type { OutputName } from './graphs.js';
import type { BertOutput } from './loaded-bert.js';

/** Attention is n² numbers a head: for one input at a time. @throws AppError `invalid` where it is wanted of several */
export function checkAttention(wanted: boolean, inputs: number): void {
  if (wanted && inputs > 1) {
    throw invalid('returnAttention', `Attention was asked for ${inputs} inputs.`, 'Ask for one input at a time.');
  }
}

/** The outputs to ask for, with attention where it is wanted. @throws as checkAttention */
export function withAttention(outputs: OutputName[], wanted: boolean, inputs: number): OutputName[] {
  checkAttention(wanted, inputs);
  return wanted ? [...outputs, 'attentions'] : outputs;
}

/** What to add to the answer. */
export function attentionOf({ attentions }: BertOutput, tokens: string[]): { attention?: AttentionMaps } {
  if (!attentions) return {};
  return { attention: { self: nested(attentions), cross: null, tokens, targetTokens: null } };
}

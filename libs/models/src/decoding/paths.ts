import { lengthPenaltyOf } from './scores.js';
import type { Hypothesis, StepResult } from './types.js';

/** A hypothesis as it grows: its last token, and what came before. */
export interface Path {
  token: number;
  before?: Path;
  /** Tokens on it, the begin token not counted. */
  length: number;
  /** Σ log P of them. */
  logProbability: number;
  /** Weights of the step that gave the last token. */
  attention?: Float32Array;
}

/** A path one token longer, which row `row` of a step gave. */
export function extended(
  before: Path,
  token: number,
  logProbability: number,
  result: StepResult,
  row: number,
  rows: number,
): Path {
  const width = (result.attention?.length ?? 0) / rows;
  const attention = result.attention?.slice(row * width, row * width + width);
  return { token, before, length: before.length + 1, logProbability, attention };
}

/** What a path says; its last token is the end token where it is finished. */
export function hypothesisOf(path: Path, finished: boolean, alpha: number): Hypothesis {
  const { length, logProbability } = path;
  const tokens = new Int32Array(finished ? length - 1 : length);
  const attention: Float32Array[] = [];
  for (let at: Path = path; at.before; at = at.before) {
    if (at.length <= tokens.length) tokens[at.length - 1] = at.token;
    if (at.attention) attention.unshift(at.attention);
  }
  const score = logProbability / lengthPenaltyOf(length, alpha);
  return { tokens, finished, logProbability, score, ...(attention.length > 0 && { attention }) };
}

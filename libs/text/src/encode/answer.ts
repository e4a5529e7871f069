import type { QuestionWindow } from './question.js';
import { withMarks } from './words.js';

/** A possible answer; null for "the context does not say". Places in UTF-16 units of the context. */
export interface RankedAnswer {
  answer: string | null;
  start: number | null;
  end: number | null;
  /** Probability among the best answers that were compared, and none where that is allowed. */
  score: number;
}

export interface AnswerOptions {
  context: string;
  /** Tokens of an answer at most. */
  maxAnswerLength: number;
  /** Whether "none" may be an answer (SQuAD 2.0). */
  unanswerable: boolean;
}

/** Answers that are compared, as in transformers' run_qa. */
const compared = 20;

interface Candidate {
  start: number;
  end: number;
  /** Start's and end's logits added. */
  sum: number;
}

/**
 * The best answers of a question, best first: spans inside the context with start ≤ end and at most maxAnswerLength tokens, by the sum of both
 * logits over all windows. "None" scores what the windows give [CLS], the least of them (Devlin et al., 2019, section 4.3).
 * Empty only where the context has no token and none is no answer.
 * @param starts, ends logits of every window's tokens (padding behind them is not looked at)
 */
export function rankAnswers(
  windows: readonly QuestionWindow[],
  starts: readonly ArrayLike<number>[],
  ends: readonly ArrayLike<number>[],
  { context, maxAnswerLength, unanswerable }: AnswerOptions,
): RankedAnswer[] {
  const best = new Map<string, Candidate>();
  windows.forEach((window, w) => {
    for (const candidate of windowCandidates(window, starts[w], ends[w], maxAnswerLength)) {
      const key = `${candidate.start} ${candidate.end}`;
      const known = best.get(key);
      if (known === undefined || candidate.sum > known.sum) best.set(key, candidate);
    }
  });
  const spans = [...best.values()].sort(bySum).slice(0, compared);
  const none = Math.min(...windows.map((_, w) => starts[w][0] + ends[w][0]));
  const all: (Candidate | { sum: number })[] = unanswerable
    ? [...spans, { sum: none }].sort((a, b) => b.sum - a.sum)
    : spans;
  const weights = all.map(({ sum }) => Math.exp(sum - all[0].sum));
  const total = weights.reduce((a, b) => a + b, 0);
  return all.map((one, i) => {
    const score = weights[i] / total;
    if (!('start' in one)) return { answer: null, start: null, end: null, score };
    const end = withMarks(context, one.end);
    return { answer: context.slice(one.start, end), start: one.start, end, score };
  });
}

/** Greatest sum first; of equals the earlier, then the shorter one. */
const bySum = (a: Candidate, b: Candidate): number => b.sum - a.sum || a.start - b.start || a.end - b.end;

function windowCandidates(
  { contextStart, offsets }: QuestionWindow,
  starts: ArrayLike<number>,
  ends: ArrayLike<number>,
  maxAnswerLength: number,
): Candidate[] {
  const kept: Candidate[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < offsets.length; i++) {
    const most = Math.min(offsets.length, i + maxAnswerLength);
    for (let j = i; j < most; j++) {
      const sum = starts[contextStart + i] + ends[contextStart + j];
      if (kept.length >= compared && sum <= least) continue;
      kept.push({ start: offsets[i][0], end: offsets[j][1], sum });
      if (kept.length < 2 * compared) continue;
      kept.sort(bySum).length = compared;
      least = kept[compared - 1].sum;
    }
  }
  return kept.sort(bySum).slice(0, compared);
}

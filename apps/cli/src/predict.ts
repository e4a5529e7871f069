import { decimal, percent } from './format.js';

/** What was given on the command line. */
export interface Question {
  text: string;
  pair?: string;
  context?: string;
  top?: string;
  beam?: string;
}

/** The body that a model of a kind takes; what the kind has no use for is left to the API to refuse. */
export function predictBodyOf(kind: string | null, { text, pair, context, top, beam }: Question): object {
  const more = {
    ...(top === undefined ? {} : { topK: Number(top) }),
    ...(beam === undefined ? {} : { beamSize: Number(beam) }),
  };
  if (kind === 'question-answering') return { question: text, context: context ?? '', ...more };
  if (context !== undefined) return { inputs: [text], context, ...more };
  if (pair === undefined) return { inputs: [text], ...more };
  const both = { text, textPair: pair };
  return kind === 'pretraining' ? { pairs: [both], ...more } : { inputs: [both], ...more };
}

interface Scored {
  token?: string;
  label?: string;
  text?: string;
  isNext?: number;
  value?: number;
  score: number;
}

/** A prediction for a person: a line for each mask, span, or text. */
export function spoken(result: object): string {
  if ('answer' in result) return answered(result as { answer: string | null; score: number });
  const { results = [] } = result as { results?: unknown[] };
  return results.flatMap(linesOf).join('\n');
}

const answered = ({ answer, score }: { answer: string | null; score: number }): string =>
  `${answer ?? 'not answered by the context'} (${percent(score)})`;

/** Of one input: a list of lists (masks), a list (labels or spans), or one thing. */
function linesOf(one: unknown): string[] {
  if (!Array.isArray(one)) return [word(one as Scored)];
  if (one.some(Array.isArray)) return one.map((words: Scored[]) => words.map(word).join('  '));
  const spans = (one as Scored[]).some(({ text, label }) => text !== undefined && label !== undefined);
  return spans ? (one as Scored[]).map(word) : [(one as Scored[]).map(word).join('  ')];
}

function word({ token, label, text, isNext, value, score }: Scored): string {
  if (isNext !== undefined) return `is next: ${percent(isNext)}`;
  if (value !== undefined) return decimal(value);
  // the score of a translation is a log-probability
  if (label === undefined && text !== undefined) return text;
  return `${[text, label ?? token].filter((part) => part !== undefined).join(' ')} (${percent(score)})`;
}

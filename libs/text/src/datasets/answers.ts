import { wholeCharacters } from './found.js';

/** An answer as a file gives it: where it starts may be missing, and is counted as Python counts, in code points. */
export interface GivenAnswer {
  text: string;
  start: number | null;
}
export interface PlacedAnswer {
  text: string;
  /** UTF-16 units. */
  start: number;
}

/** An answer that stands this far (UTF-16 units) from where it is said to be was moved by an edit; further off it may be another place. */
const near = 100;

/**
 * Finds each answer's place in the context. One that does not stand where it is said to is looked for nearby, and anywhere if it
 * occurs only once.
 * @returns the context (with halves of characters replaced) and the answers found, without those that occur twice; or why there is none
 */
export function placeAnswers(
  context: string,
  given: readonly GivenAnswer[],
  warn: (message: string) => void,
): { context: string; answers: PlacedAnswer[] } | { problem: string } {
  const text = wholeCharacters(context);
  const answers: PlacedAnswer[] = [];
  let lost = '';
  for (const answer of given) {
    const found = placeOf(text, answer);
    if (found === undefined) {
      lost = `The answer ${JSON.stringify(answer.text.slice(0, 60))} does not stand at its place in the context, nor near it.`;
      continue;
    }
    if (found.moved) warn(`The answer ${JSON.stringify(answer.text.slice(0, 60))} ${found.moved}.`);
    const placed = { text: answer.text, start: found.start };
    if (!answers.some(({ start, text: other }) => start === placed.start && other === placed.text))
      answers.push(placed);
  }
  if (given.length > 0 && answers.length === 0) return { problem: lost };
  if (lost) warn(`${lost} It was left out.`);
  return { context: text, answers };
}

function placeOf(context: string, { text, start }: GivenAnswer): { start: number; moved?: string } | undefined {
  if (text.trim() === '') return undefined;
  const first = context.indexOf(text);
  if (first < 0) return undefined;
  const once = context.indexOf(text, first + 1) < 0;
  if (start === null)
    return once ? { start: first } : { start: first, moved: 'occurs several times; the first was taken' };
  const stands = (at: number) => at >= 0 && context.startsWith(text, at);
  const units = unitsOf(context, start);
  if (stands(units)) return { start: units };
  if (stands(start)) return { start };
  const at = nearest(context, text, units);
  if (Math.abs(at - units) > near && !once) return undefined;
  return {
    start: at,
    moved: `stands ${Math.abs(at - units)} characters ${at < units ? 'before' : 'after'} its place; it was moved`,
  };
}

/** A number of code points from the begin, in UTF-16 units. */
function unitsOf(context: string, codePoints: number): number {
  if (!/[\ud800-\udbff]/.test(context)) return codePoints;
  let units = 0;
  for (let i = 0; i < codePoints && units < context.length; i++)
    units += (context.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

function nearest(context: string, text: string, from: number): number {
  const before = context.lastIndexOf(text, from);
  const after = context.indexOf(text, Math.max(0, from));
  if (before < 0) return after;
  return after < 0 || from - before <= after - from ? before : after;
}

/**
 * The answers of a table's cell or a JSON record: a text, a list of texts, SQuAD's {text, answer_start} or a list of those; the start
 * may stand beside. A blank cell is a question without an answer.
 */
export function answersOfCell(answer: unknown, start: unknown): { answers: GivenAnswer[] } | { problem: string } {
  if (answer === undefined || answer === null || answer === '') return { answers: [] };
  if (typeof answer === 'string' || typeof answer === 'number')
    return { answers: [{ text: String(answer), start: startOf(start) }] };
  if (Array.isArray(answer)) {
    const starts = Array.isArray(start) ? start : [];
    const answers = answer.map((one, i) => answersOfCell(one, starts[i]));
    const wrong = answers.find((one) => 'problem' in one);
    return wrong ?? { answers: answers.flatMap((one) => ('answers' in one ? one.answers : [])) };
  }
  if (typeof answer === 'object' && 'text' in answer) {
    const { text, answer_start, start: own } = answer as Record<string, unknown>;
    return answersOfCell(text, answer_start ?? own ?? start);
  }
  return { problem: 'The answer is no text.' };
}

function startOf(cell: unknown): number | null {
  const one = Array.isArray(cell) ? cell[0] : cell;
  if (one === undefined || one === null || one === '') return null;
  return Number.isInteger(Number(one)) && Number(one) >= 0 ? Number(one) : null;
}

import { AppError, type SplitName } from '@regatta/contracts';
import { z } from 'zod';
import { answersOfCell, placeAnswers } from './answers.js';
import { cleanText, type Found, hasNul, type Warn } from './found.js';
import { jsonDocument } from './json-table.js';
import { longestContext } from './limits.js';

/** SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), as far as it is read. */
const question = z.object({
  id: z.union([z.string(), z.number()]).transform(String).optional(),
  question: z.string(),
  answers: z.unknown(),
  is_impossible: z.boolean().optional(),
});
const squad = z.object({
  data: z.array(z.object({ paragraphs: z.array(z.object({ context: z.string(), qas: z.array(question) })) })),
});

/** Whether JSON text looks like SQuAD's, by its first key that says so. */
export const looksLikeSquad = (head: string): boolean =>
  /^\s*\{/.test(head) && /"(data|paragraphs)"\s*:\s*\[/.test(head);

/**
 * The questions of a SQuAD file. `answer_start` counts code points (Python's strings); an answer that is not there is looked for
 * nearby. Impossible questions have no answers.
 * @throws AppError `invalid-file` for JSON that is not SQuAD's
 */
export function* squadExamples(bytes: Uint8Array, split: SplitName | null, warn: Warn): Generator<Found> {
  const parsed = squad.safeParse(jsonDocument(bytes));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new AppError(
      'invalid-file',
      `The file is not as SQuAD's are: ${path.join('.') || 'the whole'}: ${message}.`,
      {
        next: 'It must be {"data": [{"paragraphs": [{"context", "qas": [{"id", "question", "answers": [{"text", "answer_start"}]}]}]}]}.',
      },
    );
  }
  const places = new Places(bytes);
  let number = 0;
  for (const { paragraphs } of parsed.data.data)
    for (const { context, qas } of paragraphs)
      for (const one of qas) {
        number++;
        const id = one.id ?? `question-${number}`;
        const line = places.lineOf(one.id);
        const say = (message: string) => warn(line, `Question ${id}: ${message}`);
        const found = exampleOf(one, id, context, split, say);
        yield 'problem' in found ? { line, problem: `Question ${id}: ${found.problem}` } : { line, example: found };
      }
}

function exampleOf(
  one: z.output<typeof question>,
  id: string,
  context: string,
  split: SplitName | null,
  say: (message: string) => void,
) {
  const text = cleanText(one.question);
  if (text === '') return { problem: 'The question is empty.' };
  if (context.trim() === '') return { problem: 'The context is empty.' };
  if (context.length > longestContext)
    return { problem: `The context has ${context.length.toLocaleString('en')} characters.` };
  if (hasNul(text) || hasNul(context) || hasNul(id)) return { problem: 'Holds a NUL character.' };
  const given = one.is_impossible ? { answers: [] } : answersOfCell(one.answers, null);
  if ('problem' in given) return given;
  const placed = placeAnswers(context, given.answers, say);
  return 'problem' in placed ? placed : { split, id: cleanText(id), question: text, ...placed };
}

/** Lines of questions, found by their ids, which stand in the file in the order of the questions. */
class Places {
  private readonly text: Buffer;
  private at = 0;
  private line = 1;

  constructor(bytes: Uint8Array) {
    this.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The line of the next question, or of the one before where its id is written in another way. */
  lineOf(id: string | undefined): number {
    const found = id === undefined ? -1 : this.text.indexOf(JSON.stringify(id), this.at);
    if (found < 0) return this.line;
    for (let end = this.text.indexOf(0x0a, this.at); end >= 0 && end < found; end = this.text.indexOf(0x0a, end + 1))
      this.line++;
    this.at = found;
    return this.line;
  }
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** Unicode's rules end a sentence after "Mr." or an initial where a capital follows. */
const abbreviation =
  /(?:^|[\s("'“‘])(?:Mr|Mrs|Ms|Dr|St|Prof|Rev|Sen|Gen|Rep|Gov|Capt|Col|Lt|No|Fig|vs|[A-Z](?:\.[A-Z])*)\.\s+$/;
/** A line up to this long is one sentence, as it stands; longer ones are taken for paragraphs. UTF-16 units. */
const paragraphLength = 300;
/** Nothing longer stays in one piece: it would be cut to the model's length anyway. UTF-16 units. */
const longestSentence = 2000;

/** The segmenter's time grows with the square of what it is given: it gets windows of this many UTF-16 units. */
const windowLength = 4000;

/** Where to cut at or before `limit`: after the last space, or else between two characters. */
function cutPlace(text: string, limit: number): number {
  if (text.length <= limit) return text.length;
  const space = text.lastIndexOf(' ', limit - 1);
  if (space > 0) return space + 1;
  const unit = text.charCodeAt(limit);
  return unit >= 0xdc00 && unit <= 0xdfff ? limit - 1 : limit;
}

/** Unicode's sentences; what is open at a window's end goes on in the next, unless it is to be cut by length anyway. */
function* segmentsOf(text: string): Generator<string> {
  let open = '';
  let at = 0;
  while (at < text.length) {
    const window = text.slice(at, at + windowLength + 1);
    const length = cutPlace(window, windowLength);
    open += window.slice(0, length);
    at += length;
    const segments = Array.from(segmenter.segment(open), ({ segment }) => segment);
    open = '';
    if (at < text.length && segments[segments.length - 1].length <= longestSentence) open = segments.pop() ?? '';
    yield* segments;
  }
}

/** Cuts what no sentence end divides: at the last white space before the limit, or else at the limit. */
function cut(sentence: string): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > longestSentence) {
    const at = cutPlace(rest, longestSentence);
    pieces.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  if (rest !== '') pieces.push(rest);
  return pieces;
}

/** The sentences of one line; `cut` tells that a sentence had to be cut by length. Short lines are one sentence. */
export function sentencesOf(line: string): { sentences: string[]; cut: boolean } {
  const text = line.replace(/\s+/gu, ' ').trim();
  if (text === '') return { sentences: [], cut: false };
  if (text.length <= paragraphLength) return { sentences: [text], cut: false };
  const found: string[] = [];
  let open = '';
  for (const segment of segmentsOf(text)) {
    open += segment;
    if (abbreviation.test(open.slice(-20))) continue;
    found.push(open.trim());
    open = '';
  }
  if (open !== '') found.push(open.trim());
  return { sentences: found.flatMap(cut), cut: found.some((sentence) => sentence.length > longestSentence) };
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** Unicode's rules end a sentence after "Mr." or an initial where a capital follows. */
const abbreviation =
  /(?:^|[\s("'“‘])(?:Mr|Mrs|Ms|Dr|St|Prof|Rev|Sen|Gen|Rep|Gov|Capt|Col|Lt|No|Fig|vs|[A-Z](?:\.[A-Z])*)\.\s+$/;
/** A line up to this long is one sentence, as it stands; longer ones are taken for paragraphs. UTF-16 units. */
const paragraphLength = 300;
/** Nothing longer stays in one piece: it would be cut to the model's length anyway. UTF-16 units. */
const longestSentence = 2000;

/** Cuts what no sentence end divides: at the last white space before the limit, or else at the limit. */
function cut(sentence: string): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > longestSentence) {
    let at = rest.lastIndexOf(' ', longestSentence);
    if (at <= 0) {
      at = longestSentence;
      const unit = rest.charCodeAt(at);
      if (unit >= 0xdc00 && unit <= 0xdfff) at--;
    }
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
  for (const { segment } of segmenter.segment(text)) {
    open += segment;
    if (abbreviation.test(open.slice(-20))) continue;
    found.push(open.trim());
    open = '';
  }
  if (open !== '') found.push(open.trim());
  return { sentences: found.flatMap(cut), cut: found.some((sentence) => sentence.length > longestSentence) };
}

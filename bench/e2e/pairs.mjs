import { RandomStream } from '@regatta/random';

/**
 * Pairs of sentences that stand in the Brown corpus, as they are (nothing is packed): each sentence with the one behind it or, every second time, a
 * random one; cut to `maxLength` tokens. A function of the corpus alone.
 * @returns {import('@regatta/text').PretrainingExamples}
 */
export function sentencePairs({ ids: _, sentenceStarts, documentStarts }, documents, count, maxLength, site) {
  const stream = new RandomStream({ seed: 1, site });
  let draws = 0;
  const integer = (n) => stream.integer(draws++, n);
  const firsts = Array.from(documents).flatMap((d) =>
    Array.from({ length: Math.max(0, documentStarts[d + 1] - documentStarts[d] - 1) }, (_, i) => documentStarts[d] + i),
  );
  const columns = { aStart: [], aEnd: [], bStart: [], bEnd: [], labels: [], lengths: [] };
  for (let i = 0; i < count; i++) {
    const a = firsts[integer(firsts.length)];
    const label = integer(2);
    const b = label === 0 ? a + 1 : firsts[integer(firsts.length)];
    const room = maxLength - 3;
    const sizes = [a, b].map((s) => sentenceStarts[s + 1] - sentenceStarts[s]);
    while (sizes[0] + sizes[1] > room) sizes[sizes[0] > sizes[1] ? 0 : 1] -= 1;
    columns.aStart.push(sentenceStarts[a]);
    columns.aEnd.push(sentenceStarts[a] + sizes[0]);
    columns.bStart.push(sentenceStarts[b]);
    columns.bEnd.push(sentenceStarts[b] + sizes[1]);
    columns.labels.push(label);
    columns.lengths.push(sizes[0] + sizes[1] + 3);
  }
  const { labels, ...rest } = columns;
  const ints = Object.fromEntries(Object.entries(rest).map(([name, values]) => [name, Int32Array.from(values)]));
  return { count, nextSentence: true, ...ints, labels: Uint8Array.from(labels) };
}

/**
 * At most `most` lengths, multiples of 8, of which the shortest that holds a pair is what it is padded to: those that pad the fewest tokens.
 * @returns {number[]} rising, the last one holds the longest pair
 */
export function bucketsOf(lengths, most) {
  const eighths = Array.from(lengths, (length) => Math.ceil(length / 8));
  const longest = Math.max(...eighths);
  // upTo[e]: pairs of at most 8e tokens
  const upTo = Array.from({ length: longest + 1 }, (_, e) => eighths.filter((one) => one <= e).length);
  // best[e]: the cheapest choice whose longest length is 8e, for pairs up to it
  let best = upTo.map((count, e) => ({ padded: count * e, lengths: e === 0 ? [] : [8 * e] }));
  for (let choices = 1; choices < most; choices++) {
    const before = best;
    best = upTo.map((count, e) =>
      before.slice(0, e).reduce((least, { padded, lengths }, shorter) => {
        const whole = padded + (count - upTo[shorter]) * e;
        return whole < least.padded ? { padded: whole, lengths: [...lengths, 8 * e] } : least;
      }, before[e]),
    );
  }
  return best[longest].lengths;
}

/** The tokens of a pair, [CLS] A [SEP] B [SEP], and how many of them are the first segment's. */
export function tokensOf(examples, corpus, tokenizer, i) {
  const range = (from, to) => Array.from(corpus.ids.subarray(from, to));
  const a = [tokenizer.clsId, ...range(examples.aStart[i], examples.aEnd[i]), tokenizer.sepId];
  const b = [...range(examples.bStart[i], examples.bEnd[i]), tokenizer.sepId];
  return { ids: [...a, ...b], first: a.length, next: examples.labels[i] };
}

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

/** At most four lengths that hold a quarter of the pairs each, rounded up to a multiple of 8. */
export function bucketsOf(lengths) {
  const sorted = lengths.toSorted();
  const at = (share) => 8 * Math.ceil(sorted[Math.ceil(share * sorted.length) - 1] / 8);
  return [...new Set([0.25, 0.5, 0.75, 1].map(at))];
}

/** The tokens of a pair, [CLS] A [SEP] B [SEP], and how many of them are the first segment's. */
export function tokensOf(examples, corpus, tokenizer, i) {
  const range = (from, to) => Array.from(corpus.ids.subarray(from, to));
  const a = [tokenizer.clsId, ...range(examples.aStart[i], examples.aEnd[i]), tokenizer.sepId];
  const b = [...range(examples.bStart[i], examples.bEnd[i]), tokenizer.sepId];
  return { ids: [...a, ...b], first: a.length, next: examples.labels[i] };
}

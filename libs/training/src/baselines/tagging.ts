import { taggingMetrics } from '../metrics/index.js';
import { count, mostFrequent } from './counts.js';

export interface TaggedSentence {
  tokens: readonly string[];
  tags: readonly string[];
}

/**
 * Scores of the unigram tagger: every word gets the tag that it had most often in the training split, a new word the most frequent tag.
 * `loss` (nats a token) is that of p(tag | word) = (c(word, tag) + p(tag)) / (c(word) + 1).
 * @param train at least one token
 */
export function taggingBaseline(train: readonly TaggedSentence[], heldOut: readonly TaggedSentence[]) {
  const tagCounts = new Map<string, number>();
  const byWord = new Map<string, Map<string, number>>();
  let total = 0;
  for (const { tokens, tags } of train) {
    tokens.forEach((word, i) => {
      const counts = byWord.get(word) ?? new Map<string, number>();
      byWord.set(word, counts);
      count(counts, tags[i]);
      count(tagCounts, tags[i]);
      total++;
    });
  }
  const fallback = mostFrequent(tagCounts);
  const tagOf = new Map([...byWord].map(([word, counts]) => [word, mostFrequent(counts)]));
  const seen = new Map(
    [...byWord].map(([word, counts]) => [word, [...counts.values()].reduce((sum, n) => sum + n, 0)]),
  );
  let nats = 0;
  let tokens = 0;
  for (const sentence of heldOut) {
    sentence.tokens.forEach((word, i) => {
      const tag = sentence.tags[i];
      // One more tag for what the training never saw.
      const prior = ((tagCounts.get(tag) ?? 0) + 1) / (total + tagCounts.size + 1);
      nats -= Math.log(((byWord.get(word)?.get(tag) ?? 0) + prior) / ((seen.get(word) ?? 0) + 1));
      tokens++;
    });
  }
  const { metrics } = taggingMetrics(
    heldOut.map(({ tags }) => tags),
    heldOut.map((sentence) => sentence.tokens.map((word) => tagOf.get(word) ?? fallback)),
  );
  return { loss: nats / tokens, ...metrics };
}

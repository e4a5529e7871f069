// Searches over small models whose every hypothesis can be listed.
import { describe, expect, it } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import { beamSearch, greedySearch, type Hypothesis, lengthPenaltyOf, type Step } from './index.js';

const [V, endId, beginId] = [4, 0, 3];

/** Logits after a history of tokens, begin token first, in sentence b: [V]. */
type Model = (history: number[], b: number) => number[];

const drawn: Model = (history, b) => {
  const stream = new RandomStream({ seed: 5, site: `${b}: ${history}` });
  return Array.from({ length: V }, (_, v) => 2 * stream.normal(v));
};

/** A step that remembers every row's history itself, so that a wrong origin or position shows. */
function stepOf(model: Model, batch: number, beams = 1): Step {
  let histories: number[][] = Array.from({ length: batch * beams }, () => []);
  return async (tokens, positions, origins) => {
    histories = Array.from(origins, (from, r) => [...histories[from], tokens[r]]);
    histories.forEach((history, r) => {
      expect(history.length).toBe(positions[r] + 1);
      expect(Math.floor(origins[r] / beams)).toBe(Math.floor(r / beams));
    });
    const logits = histories.flatMap((history, r) => model(history, Math.floor(r / beams)));
    // the attention of a row tells its history's last token and the row
    return { logits: Float32Array.from(logits), attention: Float32Array.from(tokens, (token) => token + 0.5) };
  };
}

/** Every complete hypothesis of sentence b with at most `capacity` tokens, and its log-probability. */
function listed(model: Model, b: number, capacity: number): { tokens: number[]; logProbability: number }[] {
  const grow = (tokens: number[], sum: number): { tokens: number[]; logProbability: number }[] => {
    if (tokens.at(-1) === endId) return [{ tokens: tokens.slice(0, -1), logProbability: sum }];
    if (tokens.length === capacity) return [];
    const logits = model([beginId, ...tokens], b).map(Math.fround);
    const total = Math.log(logits.reduce((s, x) => s + Math.exp(x), 0));
    return logits.flatMap((x, v) => grow([...tokens, v], sum + x - total));
  };
  return grow([], 0);
}

const options = { batch: 3, beginId, endId, capacity: 4, lengthPenalty: 0.6 };
const tokensOf = ({ tokens }: Hypothesis) => Array.from(tokens);

describe('beam search', () => {
  it.each([0, 0.6, 2])(
    'with beams for everything finds all hypotheses in order of score, penalty %d',
    async (penalty) => {
      const beamSize = 110;
      const search = { ...options, beamSize, lengthPenalty: penalty };
      const found = await beamSearch(stepOf(drawn, 3, beamSize), search);
      found.forEach((hypotheses, b) => {
        const score = ({ tokens, logProbability }: { tokens: number[]; logProbability: number }) =>
          logProbability / lengthPenaltyOf(tokens.length + 1, penalty);
        const expected = listed(drawn, b, 4).sort((one, other) => score(other) - score(one));
        expect(hypotheses.map(tokensOf)).toEqual(expected.map(({ tokens }) => tokens));
        hypotheses.forEach((hypothesis, i) => {
          expect(hypothesis.finished).toBe(true);
          expect(hypothesis.logProbability).toBeCloseTo(expected[i].logProbability, 9);
          expect(hypothesis.score).toBeCloseTo(score(expected[i]), 9);
          // each step's attention is that of the row that the hypothesis then was
          expect(hypothesis.attention?.map(([x]) => x - 0.5)).toEqual([beginId, ...hypothesis.tokens]);
        });
      });
    },
  );

  it('with one beam is greedy search', async () => {
    const greedy = await greedySearch(stepOf(drawn, 3), options);
    expect(await beamSearch(stepOf(drawn, 3), { ...options, beamSize: 1 })).toEqual(greedy.map((one) => [one]));
    expect(greedy.some(({ finished }) => finished)).toBe(true);
  });

  it('finds with two beams what greedy search walks past', async () => {
    // the likelier first token 1 leads into a tie of two, the other one to a certain end
    const trap: Model = (history) =>
      history.length === 1 ? [-9, 1, 0.8, -9] : history[1] === 1 ? [0, 0, -9, -9] : [9, -9, -9, -9];
    const search = { ...options, batch: 1, lengthPenalty: 0 };
    const [greedy] = await greedySearch(stepOf(trap, 1), search);
    const [[best]] = await beamSearch(stepOf(trap, 1, 2), { ...search, beamSize: 2 });
    expect([tokensOf(greedy), tokensOf(best)]).toEqual([[1], [2]]);
    expect(best.score).toBeGreaterThan(greedy.score);
  });

  it('is not cut off by improbable ends while a probable hypothesis goes on', async () => {
    const sure: Model = (history) => {
      const expected = [1, 2, 1, 2][history.length - 1];
      const onTheWay = history.slice(1).every((token, t) => token === [1, 2, 1, 2][t]);
      return [0, 1, 2, 3].map((v) => (v === (onTheWay ? (expected ?? endId) : endId) ? 9 : 0));
    };
    const search = { ...options, batch: 1, capacity: 8, beamSize: 2 };
    const [[best]] = await beamSearch(stepOf(sure, 1, 2), search);
    expect(tokensOf(best)).toEqual([1, 2, 1, 2]);
  });

  it('prefers longer hypotheses under a length penalty', async () => {
    const model: Model = (history) => [history.length === 1 ? 0.1 : 3, 0, -9, -9];
    const best = async (lengthPenalty: number) => {
      const search = { ...options, batch: 1, lengthPenalty, beamSize: 2 };
      return tokensOf((await beamSearch(stepOf(model, 1, 2), search))[0][0]);
    };
    expect([await best(0), await best(2)]).toEqual([[], [1]]);
  });

  it('gives a sentence the same hypotheses whatever its batch', async () => {
    const together = await beamSearch(stepOf(drawn, 3, 2), { ...options, beamSize: 2 });
    for (const b of [0, 1, 2]) {
      const one: Model = (history) => drawn(history, b);
      const [alone] = await beamSearch(stepOf(one, 1, 2), { ...options, batch: 1, beamSize: 2 });
      expect(alone).toEqual(together[b]);
    }
  });
});

describe.each([1, 3])('a search with %i beams', (beamSize) => {
  const search = async (model: Model) =>
    (await beamSearch(stepOf(model, 1, beamSize), { ...options, batch: 1, beamSize }))[0];

  it('takes the lowest of equally probable tokens', async () => {
    const level: Model = (history) => (history.length < 3 ? [-50, 0, 0, 0] : [0, -50, -50, -50]);
    expect(tokensOf((await search(level))[0])).toEqual([1, 1]);
    expect(tokensOf((await greedySearch(stepOf(level, 1), { ...options, batch: 1 }))[0])).toEqual([1, 1]);
  });

  it('says that a hypothesis was cut off at the capacity', async () => {
    const endless: Model = () => [-50, 1, 0, -1];
    const [best] = await search(endless);
    expect(best).toMatchObject({ finished: false, tokens: Int32Array.of(1, 1, 1, 1) });
    expect(best.score).toBeCloseTo(best.logProbability / ((5 + 4) / 6) ** 0.6, 12);
  });

  it('takes no step after all are complete', async () => {
    let steps = 0;
    const step = stepOf(() => [9, 1, 0, -1], 1, beamSize);
    const counted: Step = (...given) => {
      steps += 1;
      return step(...given);
    };
    await beamSearch(counted, { ...options, batch: 1, beamSize, capacity: 50 });
    expect(steps).toBeLessThan(beamSize + 2);
  });
});

import { extended, hypothesisOf, type Path } from './paths.js';
import { lengthPenaltyOf, logSumExp } from './scores.js';
import type { BeamOptions, Hypothesis, Step, StepResult } from './types.js';

/** A token that a beam might go on with. */
interface Candidate {
  beam: number;
  token: number;
  logProbability: number;
}

/** One sentence's search: the beams that go on, by falling probability, and the hypotheses that are complete. */
interface Search {
  beams: Path[];
  finished: Hypothesis[];
}

/**
 * Beam search over B sentences at once, K beams each, for each sentence up to K hypotheses, the best score first. At each step the 2K most
 * probable continuations of a sentence are looked at, in order: an end token among the first K of them completes a hypothesis, the first K
 * others go on, as in fairseq. A sentence is done when K hypotheses are complete and no beam scores better at its length than the best of
 * them: without the second condition K improbable early ends would cut off a beam that a sure model is to finish. Those cut off at the
 * capacity count only where none is complete. Of equally probable continuations the one of the better beam comes first, then the lower id.
 */
export async function beamSearch(step: Step, options: BeamOptions): Promise<Hypothesis[][]> {
  const { batch, beamSize, beginId, endId, capacity, lengthPenalty } = options;
  const rows = batch * beamSize;
  const searches: Search[] = Array.from({ length: batch }, () => ({
    beams: [{ token: beginId, length: 0, logProbability: 0 }],
    finished: [],
  }));
  let origins = Int32Array.from({ length: rows }, (_, r) => r);
  for (let t = 0; t < capacity && searches.some((search) => search.beams.length > 0); t++) {
    const tokens = new Int32Array(rows).fill(endId);
    searches.forEach(({ beams }, b) => {
      beams.forEach((path, k) => {
        tokens[b * beamSize + k] = path.token;
      });
    });
    const result = await step(tokens, new Int32Array(rows).fill(t), origins);
    origins = Int32Array.from({ length: rows }, (_, r) => r);
    searches.forEach((search, b) => {
      advance(search, result, options, b, origins);
    });
  }
  return searches.map(({ beams, finished }) => {
    const found = finished.length > 0 ? finished : beams.map((path) => hypothesisOf(path, false, lengthPenalty));
    return bestFirst(found);
  });
}

/** Takes sentence b one token further and writes which rows its new beams go on from. */
function advance(search: Search, result: StepResult, options: BeamOptions, b: number, origins: Int32Array): void {
  const { batch, beamSize, endId, lengthPenalty } = options;
  const [rows, first] = [batch * beamSize, b * beamSize];
  const beams: Path[] = [];
  mostProbable(search.beams, result.logits, first, rows, 2 * beamSize).forEach((candidate, rank) => {
    const { beam, token, logProbability } = candidate;
    const path = () => extended(search.beams[beam], token, logProbability, result, first + beam, rows);
    if (token === endId) {
      if (rank < beamSize) search.finished.push(hypothesisOf(path(), true, lengthPenalty));
    } else if (beams.length < beamSize) {
      origins[first + beams.length] = first + beam;
      beams.push(path());
    }
  });
  search.finished = bestFirst(search.finished).slice(0, beamSize);
  const full = search.finished.length === beamSize;
  const score = ({ logProbability, length }: Path) => logProbability / lengthPenaltyOf(length, lengthPenalty);
  search.beams = full && beams.every((beam) => score(beam) <= search.finished[0].score) ? [] : beams;
}

/** By falling score; of equals the one found first. */
const bestFirst = (hypotheses: Hypothesis[]): Hypothesis[] => hypotheses.sort((one, other) => other.score - one.score);

/** The `count` most probable continuations of a sentence's beams, which lie in rows `first`, `first` + 1, …, in order. */
function mostProbable(beams: Path[], logits: Float32Array, first: number, rows: number, count: number): Candidate[] {
  const vocabulary = logits.length / rows;
  const best: Candidate[] = [];
  beams.forEach((path, beam) => {
    const base = path.logProbability - logSumExp(logits, first + beam, vocabulary);
    for (let token = 0; token < vocabulary; token++) {
      const logProbability = base + logits[(first + beam) * vocabulary + token];
      if (best.length === count && logProbability <= best[count - 1].logProbability) continue;
      const at = best.findIndex((other) => other.logProbability < logProbability);
      best.splice(at < 0 ? best.length : at, 0, { beam, token, logProbability });
      if (best.length > count) best.pop();
    }
  });
  return best;
}

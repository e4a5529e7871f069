export { beamSearch } from './beam.js';
export { greedySearch } from './greedy.js';
export { lengthPenaltyOf } from './scores.js';
export type { BeamOptions, Hypothesis, SearchOptions, Step, StepResult } from './types.js';

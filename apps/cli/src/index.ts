export { type FollowOptions, followRun } from './follow.js';
export { duration } from './format.js';
export { explain } from './output.js';

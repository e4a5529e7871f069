export { philox } from './philox.js';
export { type Place, RandomStream, siteNumber } from './stream.js';

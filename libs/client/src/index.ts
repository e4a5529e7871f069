export * from './client.js';
export * from './problem.js';
export type { components, operations, paths } from './schema.js';
export * from './stream-run.js';

import path from 'node:path';

/** The project's root folder; all tools work from here, wherever they are called. */
export const root = path.resolve(import.meta.dirname, '..');

/** What the tools fetched or remember between calls; safe to delete. */
export const cache = path.join(root, '.cache');

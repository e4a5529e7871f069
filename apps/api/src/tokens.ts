/** Injection tokens of values that have no class of ours. */
export const LOGGER = Symbol('pino logger');
export const STORE = Symbol('artifact store');

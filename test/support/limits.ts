import { jest } from '@jest/globals';

/** Real processes on a machine that may be busy with other things: a limit ends what hangs, and is no measure of anything. */
jest.setTimeout(300_000);

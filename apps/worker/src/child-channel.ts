import type { z } from 'zod';

/**
 * A child's end of the IPC channel to its agent. When the channel closes the agent is gone, and so is the reason to live: the process
 * exits, so no orphan trains on. A terminal's Ctrl-C reaches every process at once; only the agent acts on it.
 */
export class ChildChannel<Incoming, Outgoing> {
  constructor(incoming: z.ZodType<Incoming>, listener: (message: Incoming) => void) {
    if (!process.send) throw new Error('This program is started by a worker, with an IPC channel.');
    process.on('SIGINT', () => {});
    process.on('disconnect', () => process.exit(0));
    // it has closed while the modules were loaded: nobody heard that
    if (!process.connected) process.exit(0);
    process.on('message', (raw) => listener(incoming.parse(raw)));
  }

  /** Resolves when the message has left this process. */
  send(message: Outgoing): Promise<void> {
    return new Promise((resolve, reject) => {
      process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The last word: sent, then the process ends, whatever still holds a connection or a timer. */
  async end(message: Outgoing): Promise<never> {
    await this.send(message);
    return process.exit(0);
  }
}

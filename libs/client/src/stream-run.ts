import type { Run, RunEvent, StreamMetric } from '@regatta/contracts';
import { createEventSource } from 'eventsource-client';
import { identity, type RegattaClient } from './client.js';
import { type ProblemError, readProblem } from './problem.js';

/** One message of `GET /runs/:id/stream`; `id` is the database's sequence: the place to go on from. */
export type RunStreamMessage = { id: string } & (
  | { event: 'metric'; data: StreamMetric }
  | { event: 'event'; data: RunEvent }
  | { event: 'status'; data: Run }
  | { event: 'end'; data: unknown }
);

export interface StreamOptions {
  /** Everything after this id is sent; left out, everything from the run's beginning. */
  lastEventId?: string;
  /** Ends the stream. */
  signal?: AbortSignal;
  /** Told each time the connection is lost (it is made again by itself, and nothing is missed). */
  onReconnect?: (delayMs: number) => void;
}

/**
 * All that happens to a run, as it happens, until the run has ended and all of it was sent. Reconnects by itself from
 * the last id it saw, so that no message is missed or given twice.
 * @throws ProblemError when the API refuses (unknown run, no key); a server that is away is waited for
 */
export async function* streamRun(
  client: RegattaClient,
  runId: string,
  options: StreamOptions = {},
): AsyncGenerator<RunStreamMessage, void> {
  const { baseUrl, fetch = globalThis.fetch } = client.options;
  let refused: ProblemError | undefined;
  const source = createEventSource({
    url: `${baseUrl}/api/v1/runs/${encodeURIComponent(runId)}/stream`,
    headers: identity(client.options, 'GET'),
    initialLastEventId: options.lastEventId,
    // Reconnecting can't help against a 4xx, but eventsource-client would try for ever.
    fetch: async (url, init) => {
      const response = await fetch(url, init as RequestInit);
      if (response.ok) return response;
      const problem = await readProblem(response);
      if (!problem.retryable) {
        refused = problem;
        source.close();
      }
      throw problem;
    },
    onScheduleReconnect: ({ delay }) => options.onReconnect?.(delay),
  });
  const close = () => source.close();
  options.signal?.addEventListener('abort', close, { once: true });
  if (options.signal?.aborted) close();
  try {
    for await (const message of source) {
      const event = message.event as RunStreamMessage['event'] | undefined;
      if (event === undefined) continue;
      yield { id: message.id ?? '', event, data: JSON.parse(message.data || 'null') } as RunStreamMessage;
      if (event === 'end') return;
    }
    if (refused) throw refused;
  } finally {
    options.signal?.removeEventListener('abort', close);
    close();
  }
}

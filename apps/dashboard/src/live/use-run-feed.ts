import { answer, ProblemError } from '@regatta/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { client } from '../api/client.js';
import { connection } from '../api/connection.js';
import { type FeedEvent, RunFeed } from './run-feed.js';

const historyPoints = 4000;
const againAfterMs = 1000;

/**
 * A run as it happens. The stream is opened first and the history asked for once it stands, so that nothing falls
 * between the two; the feed merges what overlaps. The browser resumes a broken stream with Last-Event-ID by itself.
 */
export function useRunFeed(runId: string): RunFeed {
  const queryClient = useQueryClient();
  const [feed, setFeed] = useState(() => new RunFeed());

  useEffect(() => {
    const fresh = new RunFeed();
    setFeed(fresh);
    const history = () =>
      queryClient.fetchQuery({
        queryKey: ['history', runId],
        queryFn: () => loadHistory(runId),
        gcTime: 0,
        retry: (_, error) => !(error instanceof ProblemError) || error.retryable,
      });
    const stop = follow(runId, fresh, history, () => {
      void queryClient.invalidateQueries({ queryKey: ['run', runId] });
      void queryClient.invalidateQueries({ queryKey: ['checkpoints', runId] });
    });
    return stop;
  }, [runId, queryClient]);

  useSyncExternalStore(feed.subscribe, () => feed.version);
  return feed;
}

function follow(runId: string, feed: RunFeed, history: () => Promise<History>, onStatus: () => void): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastId: string | undefined;
  let haveHistory = false;
  const parse = (message: MessageEvent<string>) => {
    lastId = message.lastEventId || lastId;
    return JSON.parse(message.data);
  };

  function open(): void {
    source = new EventSource(`/api/v1/runs/${runId}/stream?lastEventId=${lastId ?? 'newest'}`);
    source.onopen = () => {
      connection.alive();
      if (haveHistory) return;
      haveHistory = true;
      history().then(
        ({ metrics, events }) => {
          feed.addHistory(metrics);
          feed.addEvents(events);
        },
        () => {
          // Refused for good (the run was deleted): the page's own query of the run says so.
        },
      );
    };
    source.addEventListener('metric', (message) => {
      const point = parse(message);
      feed.addPoint(point.name, point);
    });
    source.addEventListener('event', (message) => {
      feed.addEvents([parse(message)]);
      onStatus();
    });
    source.addEventListener('status', (message) => {
      parse(message);
      onStatus();
    });
    source.addEventListener('end', () => {
      source?.close();
      onStatus();
    });
    source.onerror = () => {
      // The browser reconnects by itself unless the answer was no stream at all (a proxy's 502, a server that starts).
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, againAfterMs);
    };
  }

  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

type History = Awaited<ReturnType<typeof loadHistory>>;

async function loadHistory(runId: string) {
  const params = { path: { id: runId }, query: { maxPoints: historyPoints } };
  const [metrics, events] = await Promise.all([
    answer(client.GET('/api/v1/runs/{id}/metrics', { params })),
    allEvents(runId),
  ]);
  return { metrics: metrics.series, events };
}

async function allEvents(runId: string): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  let cursor: string | undefined;
  do {
    const params = { path: { id: runId }, query: { limit: 200, cursor } };
    const page = await answer(client.GET('/api/v1/runs/{id}/events', { params }));
    events.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return events;
}

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { connection } from '../api/connection.js';
import { clock } from '../lib/format.js';

/** A thin bar while the API does not answer; when it answers again, everything is asked for anew at once. */
export function ConnectionBar() {
  const { lost, lastAnswer } = useSyncExternalStore(connection.subscribe, connection.get);
  const queryClient = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (wasLost.current && !lost) void queryClient.invalidateQueries();
    wasLost.current = lost;
  }, [lost, queryClient]);
  return (
    <div role="status" aria-live="polite">
      {lost && <div className="connection-bar">Reconnecting, data until {clock(lastAnswer)}</div>}
    </div>
  );
}

import { createClient } from '@regatta/client';
import { connection } from './connection.js';

/** Calls the API that served this page, as the session's cookie says; every answer tells the connection bar. */
export const client = createClient({
  baseUrl: window.location.origin,
  fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
    try {
      const response = await fetch(input, init);
      // 502 to 504 come from a proxy before the API, whose own 503 (no worker) is JSON.
      const away = response.status >= 502 && !response.headers.get('content-type')?.includes('json');
      if (away) connection.lost();
      else connection.alive();
      return response;
    } catch (error) {
      const aborted = error instanceof DOMException && error.name === 'AbortError';
      if (!aborted) connection.lost();
      throw error;
    }
  },
});

import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import { readProblem, UnreachableError } from './problem.js';
import type { paths } from './schema.js';

export interface ClientOptions {
  /** Where the API is, without the prefix: `http://127.0.0.1:3000`; empty means the page's own origin. */
  baseUrl: string;
  /** Sent as a bearer token. A browser leaves it out: its session cookie speaks for it. */
  apiKey?: string;
  /** Replaces the global fetch (tests). */
  fetch?: typeof globalThis.fetch;
}

/** Typed calls by path (openapi-fetch), and what the stream reader needs to make its own. */
export interface RegattaClient extends Client<paths> {
  readonly options: ClientOptions;
}

/** Name of the cookie that a browser's session repeats in the header `x-csrf-token` on every write. */
const csrfCookie = 'regatta-csrf';

function csrfToken(): string | undefined {
  const cookies = (globalThis as { document?: { cookie: string } }).document?.cookie ?? '';
  const pair = cookies.split('; ').find((cookie) => cookie.startsWith(`${csrfCookie}=`));
  return pair && decodeURIComponent(pair.slice(csrfCookie.length + 1));
}

/** Headers that say who is calling: the bearer token, or in a browser the CSRF token for writes. */
export function identity(options: ClientOptions, method: string): Record<string, string> {
  if (options.apiKey) return { authorization: `Bearer ${options.apiKey}` };
  const token = method === 'GET' ? undefined : csrfToken();
  return token ? { 'x-csrf-token': token } : {};
}

/**
 * A client of the API. A call that fails throws: `ProblemError` for an answer that is an error, `UnreachableError` when
 * there was no answer.
 */
export function createClient(options: ClientOptions): RegattaClient {
  const client = createFetchClient<paths>({ baseUrl: options.baseUrl, fetch: options.fetch });
  const middleware: Middleware = {
    onRequest({ request }) {
      for (const [name, value] of Object.entries(identity(options, request.method))) request.headers.set(name, value);
    },
    async onResponse({ response }) {
      if (!response.ok) throw await readProblem(response);
    },
    onError({ error, request }) {
      if (request.signal.aborted) return;
      return new UnreachableError(request.url, error);
    },
  };
  client.use(middleware);
  return Object.assign(client, { options });
}

/** The body of an answer: `await answer(client.GET('/api/v1/runs'))`. */
export async function answer<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

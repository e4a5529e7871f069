import { Agent, get } from 'node:http';

/**
 * A client of each run's stream of events, which counts what it is sent.
 * @returns counts(event): how many of these each has seen; close()
 */
export async function watch(runIds, url, headers) {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const clients = await Promise.all(runIds.map((runId) => open(agent, `${url}/api/v1/runs/${runId}/stream`, headers)));
  return {
    counts: (event = 'metric') => clients.map(({ seen }) => seen[event] ?? 0),
    close: () => agent.destroy(),
  };
}

function open(agent, address, headers) {
  return new Promise((resolve, reject) => {
    const seen = {};
    get(address, { agent, headers }, (response) => {
      if (response.statusCode === 503) {
        // as every client of such a stream does
        response.resume();
        setTimeout(() => open(agent, address, headers).then(resolve, reject), response.headers['retry-after'] * 1000);
        return;
      }
      if (response.statusCode !== 200) reject(new Error(`the stream answered ${response.statusCode}`));
      let rest = '';
      response.setEncoding('utf8');
      response.on('error', () => {});
      response.on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines)
          if (line.startsWith('event: ')) {
            const event = line.slice(7);
            seen[event] = (seen[event] ?? 0) + 1;
          }
      });
      resolve({ seen });
    }).on('error', reject);
  });
}

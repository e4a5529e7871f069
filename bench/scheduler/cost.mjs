import { readFile } from 'node:fs/promises';

const ticksPerSecond = 100;

/** Seconds of processor time that a process has taken (Linux; 0 where that cannot be read, or it is gone). */
async function processorSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** What the control server was asked so far, and what it and its clients took for it. */
export async function costSoFar(redis, serverPid, hostPids) {
  const stats = await redis.info('commandstats');
  const calls = new Map();
  for (const [, name, count] of stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) calls.set(name, Number(count));
  const net = await redis.info('stats');
  const bytes = (name) => Number(net.match(new RegExp(`total_net_${name}_bytes:(\\d+)`))[1]);
  const hosts = await Promise.all(hostPids.map(processorSeconds));
  return {
    at: performance.now() / 1000,
    calls,
    received: bytes('input'),
    sent: bytes('output'),
    server: await processorSeconds(serverPid),
    hosts: new Map(hostPids.map((pid, i) => [pid, hosts[i]])),
  };
}

/** One line about the time between two of them. Hosts that were killed in between are left out. */
export function costLine(before, after, workers) {
  const seconds = after.at - before.at;
  const outer = [...after.calls].map(([name, count]) => [name, count - (before.calls.get(name) ?? 0)]);
  const all = outer.reduce((sum, [, count]) => sum + count, 0);
  const top = outer
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 8)
    .map(([name, count]) => `${name} ${(count / seconds).toFixed(0)}`)
    .join(', ');
  const hosts = [...after.hosts].reduce((sum, [pid, used]) => sum + used - (before.hosts.get(pid) ?? 0), 0);
  const kB = (bytes) => `${(bytes / 1024 / seconds).toFixed(0)} kB/s`;
  return (
    `${(all / seconds).toFixed(0)} commands/s, those of scripts included (${(all / seconds / workers).toFixed(1)} a worker: ${top}), ` +
    `${kB(after.received - before.received)} in, ${kB(after.sent - before.sent)} out; ` +
    `${((100 * (after.server - before.server)) / seconds).toFixed(0)} % of a core for the server, ${((100 * hosts) / seconds).toFixed(0)} % for the agents`
  );
}

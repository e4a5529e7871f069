import { once } from 'node:events';
import net from 'node:net';

export interface RedisProxy {
  /** redis://…, in place of the server's. */
  url: string;
  /** From now on nothing passes, in either direction; nothing is lost. */
  hold(): void;
  release(): void;
  /** Breaks every connection there is, with all that was held; new ones pass. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP proxy before a Redis server: what a bad network does to one member. */
export async function startProxy(url: string): Promise<RedisProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<net.Socket>();
  let held = false;
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (held) {
        from.pause();
      }
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as net.AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) {
      socket.destroy();
    }
    held = false;
  };
  const toEach = (call: 'pause' | 'resume') => () => {
    held = call === 'pause';
    for (const socket of sockets) {
      socket[call]();
    }
  };
  return {
    url: `redis://127.0.0.1:${address.port}`,
    hold: toEach('pause'),
    release: toEach('resume'),
    cut,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

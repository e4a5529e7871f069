import { once } from 'node:events';
import net from 'node:net';

export interface RedisProxy {
  /** redis://…, in place of the server's. */
  url: string;
  /** From now on nothing passes, in either direction; nothing is lost. */
  hold(): void;
  release(): void;
  /** Turns one bit over in what the next client sends: in the byte `offset` behind the start of `text`, where that comes first. */
  corrupt(text: string, offset: number): void;
  /** Breaks every connection there is, with all that was held; new ones pass. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP proxy before a Redis server: what a bad network does to one member. */
export async function startProxy(url: string): Promise<RedisProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<net.Socket>();
  let held = false;
  let corruption: { text: string; offset: number } | null = null;
  const pass = (bytes: Buffer, upwards: boolean): Buffer => {
    const at = upwards && corruption ? bytes.indexOf(corruption.text) : -1;
    if (corruption && at >= 0 && at + corruption.offset < bytes.length) {
      bytes[at + corruption.offset] ^= 1;
      corruption = null;
    }
    return bytes;
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(from);
      from.on('data', (bytes) => to.write(pass(bytes, from === client)));
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
    corrupt: (text, offset) => {
      corruption = { text, offset };
    },
    cut,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

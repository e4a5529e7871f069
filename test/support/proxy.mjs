import { once } from 'node:events';
import net from 'node:net';

/**
 * A TCP proxy before a Redis server: what a bad network does to whoever goes through it.
 * @param {string} url redis://HOST:PORT
 * @returns {Promise<RedisProxy>}
 *
 * @typedef {object} RedisProxy
 * @property {string} url redis://…, in place of the server's
 * @property {() => void} hold from now on nothing passes, in either direction; nothing is lost
 * @property {() => void} release
 * @property {(text: string, offset: number) => void} corrupt turns one bit over in what the next client sends: in the byte `offset` behind
 *   the start of `text`, where that comes first
 * @property {() => void} cut breaks every connection there is, with all that was held; new ones pass
 * @property {(away: boolean) => void} unreachable true: breaks every connection, and every new one at once; false: new ones pass
 * @property {() => Promise<void>} close
 */
export async function startProxy(url) {
  const { hostname, port } = new URL(url);
  /** @type {Set<net.Socket>} */
  const sockets = new Set();
  let held = false;
  let away = false;
  /** @type {{text: string, offset: number} | null} */
  let corruption = null;
  /** @param {Buffer} bytes */
  const pass = (bytes, upwards) => {
    const at = upwards && corruption ? bytes.indexOf(corruption.text) : -1;
    if (corruption && at >= 0 && at + corruption.offset < bytes.length) {
      bytes[at + corruption.offset] ^= 1;
      corruption = null;
    }
    return bytes;
  };
  const server = net.createServer((client) => {
    if (away) {
      client.destroy();
      return;
    }
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
      if (held) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    held = false;
  };
  const toEach = (call) => () => {
    held = call === 'pause';
    for (const socket of sockets) socket[call]();
  };
  return {
    url: `redis://127.0.0.1:${server.address().port}`,
    hold: toEach('pause'),
    release: toEach('resume'),
    corrupt: (text, offset) => {
      corruption = { text, offset };
    },
    cut,
    unreachable: (now) => {
      away = now;
      if (away) cut();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

import { once } from 'node:events';
import net from 'node:net';

/** Whether a server accepts connections there (and, given `send`, whether its answer starts with `expect`). */
export async function answers({ port, host = '127.0.0.1', send, expect }) {
  const socket = net.connect(port, host);
  try {
    await once(socket, 'connect');
    if (!send) return true;
    socket.write(send);
    const [data] = await once(socket, 'data', { signal: AbortSignal.timeout(2000) });
    return data.toString().startsWith(expect);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Whether this process could listen there. @returns {Promise<string | undefined>} the system's error code if it could not */
export async function whyNotFree(port, host) {
  const server = net.createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error.code;
  } finally {
    server.close();
  }
}

/** The wanted port where it is free, else any free one of the loopback interface. */
export async function freePort(wanted) {
  if (wanted && !(await whyNotFree(wanted, '127.0.0.1'))) return wanted;
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { until } from './until.js';

const program = path.resolve(import.meta.dirname, '../../apps/api/dist/main.js');

/** The built API as a process of its own, always on the same port, to be killed and started again. */
export class ApiProcess {
  private child?: ChildProcess;
  private printed = '';

  private constructor(
    readonly url: string,
    private readonly environment: Record<string, string>,
  ) {}

  /** @param settings DATABASE_URL, REDIS_URL, DATA_DIR */
  static async start(settings: Record<string, string>): Promise<ApiProcess> {
    const port = await freePort();
    const environment = { ...process.env, LOG_LEVEL: 'warn', ...settings, PORT: String(port), NODE_OPTIONS: '' };
    const api = new ApiProcess(`http://127.0.0.1:${port}`, environment as Record<string, string>);
    await api.start();
    return api;
  }

  /** Runs it to its end. @returns the exit code and what it printed */
  static async run(settings: Record<string, string>): Promise<{ code: number | null; output: string }> {
    const environment = { ...process.env, LOG_LEVEL: 'error', ...settings, NODE_OPTIONS: '' };
    const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        output += text.toString();
      });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  async start(): Promise<void> {
    this.child = spawn(process.execPath, [program], { env: this.environment, stdio: 'pipe' });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (text: Buffer) => {
        this.printed += text.toString();
      });
    await until(async () => (await fetch(`${this.url}/health/ready`)).ok, {
      timeout: 240_000,
      what: () => this.printed,
    });
  }

  /** @returns the exit code; null after a signal */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child as ChildProcess;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exited)[0];
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrateDeploy } from '../../apps/api/src/database/migrate.js';
import { copyPreparedDatabase, isDatabasePrepared, keepPreparedDatabase } from './prepared-database.js';
import { until } from './until.js';

export interface TestDatabase {
  url: string;
  process: ChildProcess;
  /** The command again on the same data, for tests that kill it. */
  restart(): Promise<void>;
  /** @param keep does something with the folder of the data once nobody serves it, before it is removed */
  stop(keep?: (data: string) => void): Promise<void>;
}

export const databaseKinds = ['pglite', 'postgres'] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

const root = path.resolve(import.meta.dirname, '../..');

/** Folder of a PostgreSQL server's programs (PATH, or Debian's place); undefined where none is installed. */
export function postgresPrograms(): string | undefined {
  const found = spawnSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1; command -v initdb']);
  const lines = found.stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  const folders = lines.map((line) => (line.endsWith('initdb') ? path.dirname(line) : line));
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')));
}

/** The kinds of database that tests can run on here; says so where there is no PostgreSQL. */
export function availableKinds(): DatabaseKind[] {
  if (postgresPrograms()) return [...databaseKinds];
  console.warn(
    'No PostgreSQL is installed here (initdb and postgres): these tests run on the embedded database alone.',
  );
  return ['pglite'];
}

/** Starts an empty, migrated database on a free port. */
export async function startDatabase(kind: DatabaseKind = 'pglite'): Promise<TestDatabase> {
  if (kind === 'pglite') await prepareDatabase();
  return kind === 'pglite' ? serve(kind, copyPreparedDatabase) : serve(kind);
}

/** Sees to it that there is a database for `copyPreparedDatabase`. */
export async function prepareDatabase(): Promise<void> {
  if (isDatabasePrepared()) return;
  const database = await serve('pglite');
  await database.stop(keepPreparedDatabase);
}

/** @param fill puts a database into the folder that it is given; else an empty one is made there */
async function serve(kind: DatabaseKind, fill?: (data: string) => void): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), `regatta-${kind}-`));
  fill?.(path.join(folder, 'data'));
  const port = await freePort();
  const command = kind === 'pglite' ? pglite(folder, port) : postgres(folder, port);
  const user = kind === 'pglite' ? 'postgres:postgres' : 'postgres';
  const url = `postgresql://${user}@127.0.0.1:${port}/postgres?sslmode=disable`;
  const start = async () => {
    const child = spawn(command.program, command.args, { stdio: 'ignore', ...command.as });
    await until(() => answers(url), { what: `${kind} to answer` });
    return child;
  };
  const database: TestDatabase = {
    url,
    process: await start(),
    async restart() {
      await end(database.process);
      database.process = await start();
    },
    async stop(keep) {
      await end(database.process);
      keep?.(path.join(folder, 'data'));
      await rm(folder, { recursive: true, force: true });
    },
  };
  await migrateDeploy(database.url, path.join(root, 'prisma/migrations'));
  return database;
}

interface Command {
  program: string;
  args: string[];
  as?: { uid: number; gid: number };
}

const pglite = (folder: string, port: number): Command => ({
  program: process.execPath,
  args: [path.join(root, 'tools/database.mjs'), path.join(folder, 'data'), String(port)],
});

/** PostgreSQL refuses to run as root: then it runs as the system's user postgres. */
function postgres(folder: string, port: number): Command {
  const programs = postgresPrograms() as string;
  const as = userInfo().uid === 0 ? systemUser('postgres') : undefined;
  if (as) chownSync(folder, as.uid, as.gid);
  const data = path.join(folder, 'data');
  const made = spawnSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'],
    as,
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'];
  return { program: path.join(programs, 'postgres'), args: settings, as };
}

function systemUser(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(spawnSync('id', [flag, name]).stdout.toString());
  return { uid: id('-u'), gid: id('-g') };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a query is answered: PostgreSQL accepts connections while it is still starting up. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** The advisory lock that Prisma Migrate itself takes, so that both never migrate at once. */
const migrateLock = 72707369;

/** PostgreSQL's code while it starts, recovers or stops. */
const cannotConnectNow = '57P03';
const startingMs = 30_000;

const migrationsTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/**
 * What `prisma migrate deploy` does, without its engine: applies the migrations that Prisma's own table does not list yet,
 * all in one transaction under a lock.
 * @returns the names applied now
 * @throws Error when an applied migration was edited afterwards, or one failed earlier
 */
export async function migrateDeploy(url: string, folder: string): Promise<string[]> {
  const client = await connect(url);
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrateLock]);
    await client.query(migrationsTable);
    const rows = await client.query<AppliedMigration>(
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    );
    const applied = await applyMissing(client, folder, rows.rows);
    await client.query('COMMIT');
    return applied;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await client.end();
  }
}

/** Connects; a server that says it is only just starting is given time. */
async function connect(url: string): Promise<pg.Client> {
  for (const end = Date.now() + startingMs; ; await wait(250)) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if ((error as { code?: string }).code !== cannotConnectNow || Date.now() > end) throw error;
    }
  }
}

async function applyMissing(client: pg.Client, folder: string, done: AppliedMigration[]): Promise<string[]> {
  const applied: string[] = [];
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'migration.sql')));
  for (const name of names.sort()) {
    const sql = readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    const earlier = done.find((row) => row.migration_name === name);
    if (earlier) {
      if (!earlier.finished_at) throw new Error(`Migration ${name} failed earlier: run "prisma migrate resolve"`);
      if (earlier.checksum !== checksum) throw new Error(`Migration ${name} was edited after it was applied`);
      continue;
    }
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    applied.push(name);
  }
  return applied;
}

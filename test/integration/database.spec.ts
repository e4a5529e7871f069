import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { startDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await startDatabase('pglite');
  pool = new pg.Pool({ connectionString: database.url, max: 6 });
});

afterAll(async () => {
  await pool?.end();
  await database?.stop();
});

it('keeps the messages of one query together when several connections ask at once', async () => {
  const long = 'x'.repeat(100_000);
  await pool.query('CREATE TABLE lines (number INT, body TEXT)');
  const ask = async (i: number) => {
    if (i % 3 === 0) return pool.query('INSERT INTO lines VALUES ($1, $2)', [i, long]);
    if (i % 3 === 1) {
      const { rows } = await pool.query('SELECT $1::int + $2::int + $3::int AS sum', [i, 1, 2]);
      return expect(rows).toEqual([{ sum: i + 3 }]);
    }
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO lines VALUES ($1, $2)', [i, 'short']);
    await client.query('COMMIT');
    return client.release();
  };
  await Promise.all(Array.from({ length: 300 }, (_, i) => ask(i)));
  const { rows } = await pool.query(
    'SELECT count(*)::int AS count, count(DISTINCT number)::int AS different FROM lines',
  );
  expect(rows).toEqual([{ count: 200, different: 200 }]);
});

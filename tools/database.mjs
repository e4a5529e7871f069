// The embedded database: PGlite in a process of its own, speaking PostgreSQL's protocol on loopback.
// Started by tools/supervisor.mjs as `node tools/database.mjs FOLDER PORT`.
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { runMain } from './plain-error.mjs';
import { wholeQueries } from './whole-queries.mjs';

await runMain(async () => {
  const [folder, port] = process.argv.slice(2);
  const db = await PGlite.create({ dataDir: folder });
  const server = new PGLiteSocketServer({
    db: wholeQueries(db),
    host: '127.0.0.1',
    port: Number(port),
    maxConnections: 16,
  });
  await server.start();
  console.log(`PGlite serves ${folder} on port ${port}`);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await server.stop();
    await db.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
});

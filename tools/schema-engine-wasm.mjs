#!/usr/bin/env node
import { readFileSync } from 'node:fs';
// Stand-in for Prisma's native `schema-engine` binary (JSON-RPC 2.0 over stdio),
// backed by @prisma/schema-engine-wasm + @prisma/adapter-pg. Pointed at by PRISMA_SCHEMA_ENGINE_BINARY.
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const argv = process.argv.slice(2);
if (argv.includes('--version') || argv[0] === 'version') {
  console.log(`schema-engine-cli wasm-bridge`);
  process.exit(0);
}
const { values } = parseArgs({
  args: argv,
  options: {
    datamodels: { type: 'string', multiple: true, short: 'd' },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
  },
  strict: false,
  allowPositionals: true,
});
const datasource = values.datasource ? JSON.parse(values.datasource) : {};
const log = (...a) => process.env.SCHEMA_ENGINE_DEBUG && console.error('[bridge]', ...a);

let panicMessage;
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message: (m) => {
    panicMessage = m;
    log('panic', m);
  },
};
// wasm-bindgen "bundler" target: instantiate by hand
const bg = await import('@prisma/schema-engine-wasm/schema_engine_bg');
const wasmPath = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), { './schema_engine_bg.js': bg });
bg.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start?.();

const { PrismaPg } = await import('@prisma/adapter-pg');
const { default: pg } = await import('pg');
const { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } = await import('@prisma/driver-adapter-utils');

const url = datasource.url;
const schemaName = url ? (new URL(url).searchParams.get('schema') ?? 'public') : 'public';

async function ensureDatabase() {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  const c = new pg.Client({ connectionString: url });
  try {
    await c.connect();
    await c.end();
    return name;
  } catch (e) {
    if (e.code !== '3D000') throw e;
  }
  target.pathname = '/postgres';
  const admin = new pg.Client({ connectionString: target.href });
  await admin.connect();
  await admin.query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  await admin.end();
  return name;
}

if (argv.includes('can-connect-to-database') || argv.includes('create-database')) {
  try {
    if (argv.includes('create-database')) await ensureDatabase();
    else {
      const c = new pg.Client({ connectionString: url });
      await c.connect();
      await c.end();
    }
    process.exit(0);
  } catch (e) {
    const u = new URL(url);
    const fields =
      e.code === '3D000'
        ? { error_code: 'P1003', message: `Database \`${u.pathname.slice(1)}\` does not exist` }
        : ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT'].includes(e.code) || e.errors
          ? { error_code: 'P1001', message: `Can't reach database server at \`${u.host}\`` }
          : { error_code: 'P1000', message: e.message };
    console.error('{"level":"INFO","fields":{"message":"schema-engine-wasm"}}'); // the CLI drops the first stderr line
    console.error(
      JSON.stringify({ timestamp: new Date().toISOString(), level: 'ERROR', fields, target: 'schema_engine::logger' }),
    );
    process.exit(1);
  }
}

// adapter-pg 7.10 rejects the catalog type "char" (oid 18), which the engine selects: pass it through as text,
// marked in the column name, and restore the name and the Character type in adapt().
const CHAR = '\0char:';
function adapt(a) {
  const queryRaw = a.queryRaw.bind(a);
  a.queryRaw = async (q) => {
    const r = await queryRaw(q);
    r.columnNames.forEach((n, i) => {
      if (n.startsWith(CHAR)) {
        r.columnNames[i] = n.slice(CHAR.length);
        r.columnTypes[i] = ColumnTypeEnum.Character;
      }
    });
    return r;
  };
  // adapter-pg splits scripts on ';' (breaks $$ bodies and string literals): send them whole, as the native engine does.
  if (a.executeScript)
    a.executeScript = (sql) =>
      a
        .underlyingDriver()
        .query(sql)
        .then(
          () => undefined,
          (e) => a.onError(e),
        );
  if (a.startTransaction) {
    const st = a.startTransaction.bind(a);
    a.startTransaction = async (l) => adapt(await st(l));
  }
  return a;
}
async function pool(connectionString) {
  class Client extends pg.Client {
    query(...args) {
      const fix = (r) => {
        for (const x of [r].flat())
          for (const f of x?.fields ?? [])
            if (f.dataTypeID === 18) {
              f.dataTypeID = 25;
              f.name = CHAR + f.name;
            }
        return r;
      };
      const cb = args.at(-1);
      if (typeof cb === 'function') args[args.length - 1] = (e, r) => cb(e, fix(r));
      const out = super.query(...args);
      return typeof out?.then === 'function' ? out.then(fix) : out;
    }
  }
  return new pg.Pool({ connectionString, max: 1, Client });
}

let enginePromise;
const engine = () =>
  (enginePromise ??= (async () => {
    const datamodels = (values.datamodels ?? []).map((f) => [f, readFileSync(f, 'utf8')]);
    const factory = new PrismaPg(await pool(url ?? 'postgresql://localhost/none'), {
      schema: schemaName,
      disposeExternalPool: true,
    });
    const connect = factory.connect.bind(factory);
    factory.connect = async () => adapt(await connect());
    // adapter-pg's own connectToShadowDb ignores `database` when a connectionString is given (it would use the MAIN db).
    factory.connectToShadowDb = async () => {
      if (datasource.shadowDatabaseUrl)
        return adapt(
          await new PrismaPg(await pool(datasource.shadowDatabaseUrl), { disposeExternalPool: true }).connect(),
        );
      const { PGlite } = await import('@electric-sql/pglite');
      const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket');
      const db = await PGlite.create();
      const port = await new Promise((r) => {
        const s = createServer().listen(0, '127.0.0.1', () => {
          const { port } = s.address();
          s.close(() => r(port));
        });
      });
      const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 4 });
      await server.start();
      const shadowUrl = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
      log('shadow', shadowUrl);
      const adapter = adapt(await new PrismaPg(await pool(shadowUrl), { disposeExternalPool: true }).connect());
      const dispose = adapter.dispose.bind(adapter);
      adapter.dispose = async () => {
        await dispose();
        await server.stop();
        await db.close();
      };
      return adapter;
    };
    return bg.SchemaEngine.new(
      { datamodels: datamodels.length ? datamodels : undefined },
      (m) => log(m),
      bindMigrationAwareSqlAdapterFactory(factory),
    );
  })());

const methods = {
  createDatabase: async () => ({ databaseName: await ensureDatabase() }),
  getDatabaseVersion: async (p) => (await engine()).version(p),
  ensureConnectionValidity: async (p) => (await engine()).ensureConnectionValidity(p),
};

let lastId = null;
process.on('uncaughtException', (e) => {
  // a Rust panic surfaces here, not as a rejection
  const message = panicMessage ?? e.stack;
  process.stdout.write(
    JSON.stringify({
      jsonrpc: '2.0',
      id: lastId,
      error: { code: 4466, message, data: { is_panic: true, message, error: { message } } },
    }) + '\n',
    () => process.exit(101),
  );
});
const pending = new Set();
async function handle(line) {
  const { id, method, params } = JSON.parse(line);
  lastId = id;
  log('->', method);
  try {
    let result;
    if (methods[method]) result = await methods[method](params);
    else result = await (await engine())[method](params);
    if (method === 'diff' && result?.stdout != null) {
      process.stdout.write(
        JSON.stringify({ jsonrpc: '2.0', id: 1e6, method: 'print', params: { content: result.stdout } }) + '\n',
      );
    }
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null }) + '\n');
  } catch (e) {
    log(e);
    process.stdout.write(
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        error: {
          code: 4466,
          message: e.message ?? String(e),
          data: { is_panic: false, message: e.message ?? String(e), meta: e.meta ?? {}, error_code: e.code ?? null },
        },
      }) + '\n',
    );
  }
}
const rl = createInterface({ input: process.stdin });
rl.on('line', (line) => {
  const msg = JSON.parse(line);
  if (msg.method === undefined) return; // reply to our `print`
  const p = handle(line).finally(() => pending.delete(p));
  pending.add(p);
});
rl.on('close', async () => {
  await Promise.allSettled([...pending]);
  process.exit(0);
});

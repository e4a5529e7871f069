import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'prisma/config';

/**
 * Prisma's native schema engine is a download from its vendor's server; its WebAssembly build is on npm. The CLI spawns
 * the engine with an empty PATH, hence a launcher with absolute paths.
 */
function schemaEngineLauncher(): string {
  const folder = path.join(import.meta.dirname, 'node_modules/.cache/prisma-engine');
  const launcher = path.join(folder, 'schema-engine');
  const bridge = path.join(import.meta.dirname, 'tools/schema-engine-wasm.mjs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${bridge}" "$@"\n`);
  chmodSync(launcher, 0o755);
  return launcher;
}

process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= schemaEngineLauncher();

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Only `prisma migrate dev` needs a database; `prisma generate` connects to none.
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://postgres:postgres@127.0.0.1:5432/regatta' },
});

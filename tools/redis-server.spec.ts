import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findRedis } from './redis-server.mjs';

let folder: string;
const { PATH } = process.env;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'regatta-path-'));
  process.env.PATH = folder;
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

const find = () => findRedis({ install: false, folder });
const program = (name: string, prints: string) =>
  writeFileSync(path.join(folder, name), `#!/bin/sh\necho '${prints}'\n`, { mode: 0o755 });

describe('findRedis', () => {
  it('takes redis-server or valkey-server from PATH', () => {
    program('valkey-server', 'Valkey server v=8.1.1 sha=00000000:0');
    expect(find()).toMatchObject({ command: 'valkey-server', version: '8.1.1' });
    program('redis-server', 'Redis server v=6.2.14 sha=00000000:0');
    expect(find()).toMatchObject({ command: 'redis-server', version: '6.2.14' });
  });

  it('refuses one that is too old, naming it', () => {
    program('redis-server', 'Redis server v=6.0.16 sha=00000000:0');
    expect(find).toThrow(/^Redis 6\.0\.16 \(redis-server\) is too old: install Redis 6\.2 or newer/);
  });

  it('says what to install where there is none', () => {
    expect(find).toThrow(/^Redis is not installed and could not be fetched: install Redis 6\.2/);
  });
});

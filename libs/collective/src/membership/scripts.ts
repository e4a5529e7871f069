import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** Lua lives beside the sources, also for the built package: dist/membership/ and src/membership/ are equally deep. */
const folder = new URL('../../src/lua/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(`${file}.lua`, folder), 'utf8');

const names = [
  'open',
  'claim',
  'start',
  'leave',
  'abort',
  'mark',
  'meet',
  'group',
  'drop',
  'transition',
  'place',
  'waiting',
  'look',
  'beat',
  'report',
] as const;
export type ScriptName = (typeof names)[number];

/** Those that keep or read the index of runs. */
const withPlaces: ReadonlySet<string> = new Set<ScriptName>(['transition', 'place', 'waiting']);

let sources: Map<ScriptName, string> | undefined;
const defined = new WeakSet<Redis>();

/** What the scripts return: {1, …} or {0, code, current generation, reason}. */
export type ScriptReply = (string | number)[];

/** Runs one of the scripts of src/lua (EVALSHA, with EVAL where the server does not know it yet; ioredis sees to that). */
export function runScript(
  redis: Redis,
  script: ScriptName,
  keys: string[],
  args: (string | number)[],
): Promise<ScriptReply> {
  if (!defined.has(redis)) {
    sources ??= new Map(names.map((name) => [name, parts(name).map(read).join('\n')]));
    for (const [name, lua] of sources) {
      redis.defineCommand(command(name), { lua });
    }
    defined.add(redis);
  }
  const commands = redis as unknown as Record<string, (...values: (string | number)[]) => Promise<ScriptReply>>;
  return commands[command(script)](keys.length, ...keys, ...args);
}

const parts = (name: ScriptName): string[] => (withPlaces.has(name) ? ['places', name] : ['common', name]);
const command = (name: ScriptName): string => `regatta:${name}`;

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { UsageError } from '../exit-codes.js';

/** `regatta up` and `regatta demo`: the whole system on this machine, where the command line is part of a checkout. */
export function addLocalCommands(program: Command): void {
  const add = (name: string, description: string, script: string): void => {
    program
      .command(name)
      .description(description)
      .action(() => {
        const file = fileURLToPath(new URL(`../../../../tools/${script}`, import.meta.url));
        if (!existsSync(file))
          throw new UsageError(
            `regatta ${name} works in a checkout of Regatta; elsewhere say where the API is with --url.`,
          );
        process.exitCode = spawnSync(process.execPath, [file], { stdio: 'inherit' }).status ?? 1;
      });
  };
  add('up', 'start everything on this machine (as npm start does); Ctrl-C stops it', 'start.mjs');
  add('demo', 'the same, and a small BERT that trains while you watch', 'demo.mjs');
}

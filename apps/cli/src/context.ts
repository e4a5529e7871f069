import { createClient, type RegattaClient } from '@regatta/client';
import type { Command } from 'commander';
import type { Output } from './output.js';
import { readSettings } from './settings.js';

export interface Context extends Output {
  client: RegattaClient;
  url: string;
}

/** What every command needs, from the options that every command takes. */
export function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<{ url?: string; json?: boolean }>();
  const { url, apiKey } = readSettings(options.url);
  return { client: createClient({ baseUrl: url, apiKey }), url, json: options.json === true, print: console.log };
}

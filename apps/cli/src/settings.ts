import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Settings {
  url: string;
  apiKey: string | undefined;
}

/**
 * Where the API is and who we are. The command line may run far from the installation, so this is its one reader of the
 * environment: REGATTA_URL, REGATTA_API_KEY; else PORT, and the admin key of DATA_DIR on this machine.
 * @param url given on the command line, before anything else
 */
export function readSettings(url: string | undefined, environment: NodeJS.ProcessEnv = process.env): Settings {
  const { REGATTA_URL, REGATTA_API_KEY, PORT, DATA_DIR } = environment;
  const keyFile = path.resolve(DATA_DIR || '.regatta', 'api-key');
  return {
    url: (url || REGATTA_URL || `http://127.0.0.1:${PORT || 3000}`).replace(/\/+$/, ''),
    apiKey: REGATTA_API_KEY || (existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : undefined),
  };
}

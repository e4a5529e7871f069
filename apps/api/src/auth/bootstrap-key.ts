import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AuthService } from './auth.service.js';
import { hashOf, newApiKey } from './secrets.js';

/**
 * The first admin key, in DATA_DIR/api-key (mode 0600, the key and nothing else) for the demo and the CLI. Where the
 * file is missing or is not the key that the database knows, a new key replaces the old one.
 */
@Injectable()
export class BootstrapKey implements OnApplicationBootstrap {
  constructor(
    private readonly dataDir: string,
    private readonly auth: AuthService,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.renew();
  }

  /** Sees to it that the file holds a key that is known: also after that key was revoked. */
  async renew(): Promise<void> {
    const file = path.join(this.dataDir, 'api-key');
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present && (await this.auth.isBootstrapKey(hashOf(present.trim())))) return;
    const key = newApiKey();
    await mkdir(this.dataDir, { recursive: true });
    await writePrivately(file, key);
    await this.auth.replaceBootstrapKey(hashOf(key));
  }
}

/** Whole or not at all, and never readable by others, not even for a moment. */
async function writePrivately(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

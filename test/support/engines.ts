import { createRequire } from 'node:module';
import { it } from '@jest/globals';
import type { EngineKind } from '@regatta/engine';

const require = createRequire(import.meta.url);

/** Whether an engine's package is installed; those of this build always are. */
function installed(kind: EngineKind): boolean {
  if (!kind.startsWith('tfjs-node')) return true;
  try {
    require.resolve(`@tensorflow/${kind}`);
    return true;
  } catch {
    return false;
  }
}

/** `it`, for a test that needs an engine; where that is not installed the test is skipped and its name says so. */
export function itOn(kind: EngineKind, name: string, body: () => Promise<void>): void {
  if (installed(kind)) it(name, body);
  else it.skip(`${name} (${kind} is not installed here: npm run install:tfjs-node)`, body);
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Device } from '@regatta/contracts';
import type { Logger } from 'pino';
import { z } from 'zod';

/** These need nothing that npm does not install. */
const everywhere = ['compiled', 'wasm', 'cpu'];
/** Loading CUDA's libraries takes its time (ms). */
const patience = 120_000;

const answer = z.object({
  problem: z.string().nullable(),
  device: z.object({ name: z.string(), memoryBytes: z.number() }).nullable(),
});
type Probe = (engine: string) => Promise<z.output<typeof answer>>;

/**
 * The engine that this worker computes with, and the GPU that does it. Where the machine lacks what ENGINE needs, that is `compiled`, on the
 * processor, and the log says why: never silently, since the worker then belongs to another kind of gang.
 */
export async function chooseEngine<Kind extends string>(
  wanted: Kind,
  log: Pick<Logger, 'warn' | 'info'>,
  probe: Probe = probeEngine,
): Promise<{ engine: Kind | 'compiled'; device: Device | null }> {
  if (everywhere.includes(wanted)) return { engine: wanted, device: null };
  const { problem, device } = await probe(wanted).catch((error: Error) => ({ problem: error.message, device: null }));
  if (problem === null) {
    log.info({ engine: wanted, device }, `computes with ${wanted}${device ? ` on ${device.name}` : ''}`);
    return { engine: wanted, device };
  }
  log.warn(
    { engine: 'compiled', wanted, problem },
    `ENGINE=${wanted} is not used, but compiled, on the processor: ${problem}`,
  );
  return { engine: 'compiled', device: null };
}

/** Tries the engine in a process of its own. */
async function probeEngine(engine: string): Promise<z.output<typeof answer>> {
  const program = fileURLToPath(new URL('../probe.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, engine], { timeout: patience });
  return answer.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) as string));
}

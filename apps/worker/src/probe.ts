import { spawnSync } from 'node:child_process';
import { type EngineKind, engineProblem } from '@regatta/engine';

/**
 * `node probe.js ENGINE`, a program of its own, so that no native library stays in the agent and none that crashes takes it along:
 * trains the smallest model and prints one line of JSON, { problem: string | null, device: { name, memoryBytes } | null }.
 */
const kind = process.argv[2] as EngineKind;
const problem = await engineProblem(kind);
process.stdout.write(`\n${JSON.stringify({ problem, device: problem === null ? device() : null })}\n`);

/** The first NVIDIA GPU, for the engines that compute on it. */
function device(): { name: string; memoryBytes: number } | null {
  if (kind !== 'compiled:cuda' && kind !== 'tfjs-node-gpu') return null;
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  if (status !== 0) return null;
  const [name, mebibytes] = stdout.split('\n')[0].split(', ');
  return { name, memoryBytes: Number(mebibytes) * 2 ** 20 };
}

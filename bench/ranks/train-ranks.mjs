import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Membership } from '@regatta/collective';
import { newId, runConfig } from '@regatta/contracts';
import { openStore } from '@regatta/storage';
import { makeBuiltIn } from '../../apps/api/dist/datasets/make-built-in.js';
import { mallocSettings } from '../../apps/worker/dist/agent/malloc-settings.js';

const canPin = spawnSync('taskset', ['-V']).status === 0;

/** Puts the Brown corpus into an artifact store in `folder` and gives what a run knows of it. */
export async function brownIn(folder) {
  const file = join(folder, 'brown.txt');
  await makeBuiltIn('brown', file);
  const { sha256 } = await openStore(folder).putBlob([await readFile(file)]);
  return { id: newId(), name: 'brown', version: 1, sha256, kind: 'text' };
}

/** A run of bert-mini with dropout 0.1 over Brown: `sequences` of 128 tokens a step, in eight shards. */
export function miniRun(dataset, sequences, distributed = {}) {
  const config = runConfig.parse({
    task: 'bert-pretrain',
    dataset: 'brown',
    model: { preset: 'bert-mini', hiddenDropoutProb: 0.1, attentionProbsDropoutProb: 0.1 },
    tokenizer: { vocabSize: 8000 },
    training: {
      maxSteps: 100_000,
      globalBatchSize: sequences,
      microBatchSize: sequences / 8,
      maxLength: 128,
      evaluateEvery: 1_000_000,
      checkpointEvery: 1_000_000,
    },
    distributed: { logicalShards: 8, minWorkers: 1, maxWorkers: 2, ...distributed },
  });
  return { runId: newId(), config, dataset, base: null, createdAt: new Date().toISOString() };
}

/**
 * Trains a run on ranks of one core each, from the first of `cores`, and gives what each rank's steps took (rank.mjs), the warm-up left out.
 * @returns {Promise<{steps: Record<string, number>[], peakMiB: number}[]>}
 */
export async function trainRanks({ servers, folder, spec: { runId: _, ...rest }, cores, steps, warmup }) {
  const spec = { ...rest, runId: newId() };
  const membership = new Membership(servers.control.redis);
  const gang = { minWorkers: cores.length, maxWorkers: cores.length, reason: 'benchmark' };
  const { generation } = await membership.open(spec.runId, 0, gang);
  for (const rank of cores.keys()) {
    const member = { memberId: `m${rank}`, workerId: `w${rank}`, host: 'localhost', fingerprint: 'bench' };
    await membership.claim(spec.runId, generation, member);
  }
  await membership.start(spec.runId, generation);
  const ranks = cores.map((core, rank) => {
    const options = {
      control: servers.control.url,
      gradientUrls: servers.gradients.map(({ socket }) => socket),
      runId: spec.runId,
      generation,
      rank,
      worldSize: cores.length,
      shards: spec.config.distributed.logicalShards,
      memberId: `m${rank}`,
    };
    return startRank(core, { options, spec, folder, steps: warmup + steps });
  });
  try {
    const results = await Promise.all(ranks.map(({ result }) => result));
    return results.map((rank) => ({ ...rank, steps: rank.steps.slice(warmup) }));
  } finally {
    for (const { child } of ranks) child.kill('SIGKILL');
  }
}

function startRank(core, setting) {
  const command = [process.execPath, fileURLToPath(new URL('rank.mjs', import.meta.url)), JSON.stringify(setting)];
  const [file, ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...mallocSettings } });
  return { child, result: resultOf(child, setting.options.rank) };
}

async function resultOf(child, rank) {
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"steps":')) return JSON.parse(line);
  }
  throw new Error(`rank ${rank} ended without a result`);
}

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

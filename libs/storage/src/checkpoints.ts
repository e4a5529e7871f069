import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '@regatta/contracts';
import { isMissing, systemCode } from './errors.js';
import {
  type Manifest,
  manifestDigestFile,
  manifestFile,
  manifestText,
  readFiles,
  readManifest,
  sha256Of,
  verifyFiles,
} from './manifest.js';
import { checkFileName, checkRunId, checkStep } from './names.js';
import { type Scratch, syncFolder, writeSynced } from './scratch.js';
import type { Checkpoint, CheckpointInfo, LatestCheckpoint, Retention, WrittenCheckpoint } from './types.js';

/** Checkpoints of a folder store: `checkpoints/<run>/<step>/` with the files, `manifest.json` and its checksum. */
export class Checkpoints {
  private readonly folder: string;

  constructor(
    root: string,
    private readonly scratch: Scratch,
  ) {
    this.folder = path.join(root, 'checkpoints');
  }

  async write(
    runId: string,
    step: number,
    files: Record<string, Uint8Array>,
    metadata: Record<string, unknown>,
  ): Promise<WrittenCheckpoint> {
    const target = this.place(runId, step);
    const manifest = manifestOf(runId, step, files, metadata);
    const text = manifestText(manifest);
    const sha256 = sha256Of(text);
    const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
    if (!(await this.stands(target, sha256))) {
      await this.scratch.use(
        async (place) => {
          await mkdir(place);
          for (const name of Object.keys(manifest.files)) await writeSynced(path.join(place, name), files[name]);
          await writeSynced(path.join(place, manifestFile), Buffer.from(text));
          await writeSynced(path.join(place, manifestDigestFile), Buffer.from(`${sha256}\n`));
          await syncFolder(place);
        },
        (place) => this.moveIntoPlace(place, target, sha256),
      );
    }
    return { step, sha256, bytes, path: target };
  }

  async read(runId: string, step: number): Promise<Checkpoint> {
    const folder = this.place(runId, step);
    const { manifest, ...info } = await readManifest(folder);
    return { ...info, files: await readFiles(folder, manifest) };
  }

  async latest(runId: string, { atMost = Number.POSITIVE_INFINITY } = {}): Promise<LatestCheckpoint> {
    const refused: LatestCheckpoint['refused'] = [];
    for (const step of (await this.list(runId)).reverse()) {
      if (step > atMost) continue;
      try {
        return { checkpoint: await this.verify(this.place(runId, step)), refused };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        // one that another process has just deleted is neither used nor refused
        if (error.code === 'checkpoint-corrupt') refused.push({ step, reason: error.message });
        else if (error.code !== 'not-found') throw error;
      }
    }
    return { checkpoint: null, refused };
  }

  async list(runId: string): Promise<number[]> {
    checkRunId(runId);
    const names = await readdir(path.join(this.folder, runId)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  async delete(runId: string, step: number): Promise<void> {
    await this.scratch.discard(this.place(runId, step));
  }

  async deleteAll(runId: string): Promise<void> {
    checkRunId(runId);
    await this.scratch.discard(path.join(this.folder, runId));
  }

  async retain(runId: string, { last, best }: Retention): Promise<CheckpointInfo[]> {
    const readable: CheckpointInfo[] = [];
    for (const step of await this.list(runId)) {
      try {
        const { manifest: _, ...info } = await readManifest(this.place(runId, step));
        readable.push(info);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
    const kept = new Set(readable.slice(Math.max(0, readable.length - last)).map(({ step }) => step));
    const least = best === undefined ? undefined : leastBy(readable, best);
    if (least !== undefined) kept.add(least);
    const gone = readable.filter(({ step }) => !kept.has(step));
    for (const { step } of gone) await this.delete(runId, step);
    return gone;
  }

  /** Whether the same checkpoint stands there already, undamaged. */
  private async stands(target: string, sha256: string): Promise<boolean> {
    try {
      return (await this.verify(target)).sha256 === sha256;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }

  private async verify(folder: string): Promise<CheckpointInfo> {
    const { manifest, ...info } = await readManifest(folder);
    await verifyFiles(folder, manifest);
    return info;
  }

  private async moveIntoPlace(place: string, target: string, sha256: string): Promise<void> {
    await mkdir(path.dirname(target), { recursive: true });
    for (;;) {
      try {
        await rename(place, target);
        break;
      } catch (error) {
        // a folder is never renamed over a full one: either another writer was faster, or an older one has to go
        if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
        if (await this.stands(target, sha256)) return;
        await this.scratch.discard(target);
      }
    }
    await syncFolder(path.dirname(target));
  }

  private place(runId: string, step: number): string {
    checkRunId(runId);
    checkStep(step);
    return path.join(this.folder, runId, String(step));
  }
}

function manifestOf(
  runId: string,
  step: number,
  files: Record<string, Uint8Array>,
  metadata: Record<string, unknown>,
): Manifest {
  const names = Object.keys(files).sort();
  names.forEach(checkFileName);
  const entries = names.map((name) => [name, { bytes: files[name].byteLength, sha256: sha256Of(files[name]) }]);
  return { format: 1, runId, step, files: Object.fromEntries(entries), metadata };
}

/** Step of the checkpoint whose metric is least; undefined where none has it. */
function leastBy(checkpoints: CheckpointInfo[], metric: string): number | undefined {
  let least: { step: number; value: number } | undefined;
  for (const { step, metadata } of checkpoints) {
    const value = (metadata.metrics as Record<string, unknown> | undefined)?.[metric];
    if (typeof value === 'number' && (least === undefined || value < least.value)) least = { step, value };
  }
  return least?.step;
}

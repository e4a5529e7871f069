import { AppError } from '@regatta/contracts';

/** One part of a path, which cannot lead out of its folder: no separator, no leading dot. */
const partOfPath = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function check(holds: boolean, what: string, value: unknown): void {
  if (!holds) throw new AppError('invalid', `${JSON.stringify(value)} is not ${what}.`);
}

export const checkRunId = (runId: string): void => check(partOfPath.test(runId), 'the id of a run', runId);
export const checkFileName = (name: string): void =>
  check(partOfPath.test(name) && !name.startsWith('manifest.'), 'a name for a file of a checkpoint', name);
export const checkStep = (step: number): void => check(Number.isSafeInteger(step) && step >= 0, 'a step', step);
export const checkSha256 = (sha256: string): void => check(/^[0-9a-f]{64}$/.test(sha256), 'a SHA-256 in hex', sha256);

/** An error that a person can act on: one clear sentence (or two), shown without a stack trace. */
export class PlainError extends Error {
  name = 'PlainError';
}

/** What the operating system's refusal means to a person; undefined for errors that are not the environment's. */
function meaning(error) {
  const where = error.path ? ` (${error.path})` : '';
  if (error.code === 'ENOSPC')
    return `The disk is full${where}: free some space, or set DATA_DIR to a folder on another disk.`;
  if (error.code === 'EACCES' || error.code === 'EROFS')
    return `No permission to write${where}: set DATA_DIR to a folder of your own.`;
  if (error.code === 'EDQUOT') return `The disk quota is used up${where}: free some space, or set DATA_DIR elsewhere.`;
  return undefined;
}

/** The sentence for a person, or undefined when the error is a programming mistake whose stack matters. */
export function sentence(error) {
  if (error instanceof PlainError || error?.name === 'ConfigError') return error.message;
  return error?.code ? meaning(error) : undefined;
}

/** Runs a command's body; what a person can mend is printed as a sentence and ends with exit code 1. */
export async function runMain(body) {
  try {
    process.exitCode = (await body()) ?? process.exitCode ?? 0;
  } catch (error) {
    console.error(sentence(error) ?? error);
    process.exitCode = 1;
  }
}

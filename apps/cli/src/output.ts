import { ProblemError, UnreachableError } from '@regatta/client';

/** Where a command's answer goes: words for a person, or the API's JSON for a program. */
export interface Output {
  json: boolean;
  print(line: string): void;
}

/** Prints the answer itself with `--json`, else what the command makes of it. */
export function show<T>(output: Output, answer: T, words: (answer: T) => string): void {
  output.print(output.json ? JSON.stringify(answer, null, 2) : words(answer));
}

/** The sentences for an error: what was wrong, field by field, and what to do. */
export function explain(error: unknown): string {
  if (error instanceof UnreachableError)
    return `${error.message}. Start Regatta with \`npm start\`, or say where it is with --url.`;
  if (!(error instanceof ProblemError)) return error instanceof Error ? error.message : String(error);
  const advice =
    error.status === 401
      ? ['Give a key by REGATTA_API_KEY, or run where DATA_DIR/api-key is.']
      : error.errors.map(({ path, message }) => `  ${path}: ${message}`);
  return [error.message, ...advice].join('\n');
}

/** The parts of a fingerprint, as workers write them; what is left is the engine with the library that computes. */
const parts: [label: string, pattern: RegExp][] = [
  ['Processor', /^([a-z0-9]+-[0-9a-f]{8})$/],
  ['Threads a worker', /^threads-(.+)$/],
  ['Code version', /^code-(.+)$/],
  ['GPU', /^gpu-(.+)$/],
];

/** On what a run computes or computed last: engine, processor, threads and code version. None before its first workers. */
export function versionsOf({ fingerprint }: { fingerprint: string | null }): [label: string, value: string][] {
  if (!fingerprint) return [];
  const words = fingerprint.split(' ');
  const engine = words.filter((word) => !parts.some(([, pattern]) => pattern.test(word)));
  const named = parts.flatMap(([label, pattern]): [string, string][] =>
    words.flatMap((word) => pattern.exec(word)?.[1] ?? []).map((value) => [label, value]),
  );
  return [['Engine', engine.join(' ')], ...named];
}

/** A text of a small world, of which a tiny model learns something in a hundred steps. */
export function harbour(): string {
  const who = ['the boat', 'the old captain', 'a grey gull', 'the young sailor', 'the harbour pilot', 'a fisherman'];
  const does = ['left', 'watched', 'entered', 'crossed', 'remembered', 'loved'];
  const what = ['the harbour', 'the open sea', 'the lighthouse', 'the narrow channel', 'the morning tide', 'the pier'];
  const when = ['at dawn', 'before the storm', 'in the evening', 'after the rain', 'without a word', 'once more'];
  const pick = (list: string[], n: number) => list[n % list.length];
  const documents = Array.from({ length: 60 }, (_, d) =>
    Array.from({ length: 12 }, (_, s) => {
      const n = d * 7 + s * 5;
      return `${pick(who, n)} ${pick(does, n + d)} ${pick(what, n + s)} ${pick(when, d + s)} .`;
    }).join('\n'),
  );
  return documents.join('\n\n');
}

/**
 * Packs runs onto workers with nothing but their list: whenever workers are free, the oldest run that fits starts, with as many as it may have.
 * No failures, no messages, no time between two runs.
 * @param {{min: number, max: number, work: number}[]} runs in order of age, all there from the beginning; work in worker-seconds
 * @returns {{makespan: number, longestWait: number}} seconds
 */
export function pack(runs, workers) {
  const waiting = [...runs];
  const running = [];
  let free = workers;
  let now = 0;
  let longestWait = 0;
  while (waiting.length > 0 || running.length > 0) {
    for (;;) {
      const next = waiting.findIndex(({ min }) => min <= free);
      if (next < 0) break;
      const [run] = waiting.splice(next, 1);
      const size = Math.min(run.max, free);
      free -= size;
      longestWait = now;
      running.push({ size, end: now + run.work / size });
    }
    running.sort((a, b) => a.end - b.end);
    const done = running.shift();
    now = done.end;
    free += done.size;
  }
  return { makespan: now, longestWait };
}

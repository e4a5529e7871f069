import { answer, type RegattaClient, streamRun } from '@regatta/client';
import type { Run } from '@regatta/contracts';
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { chart } from './chart.js';
import { isEvaluated, RunProgress } from './progress.js';

export interface FollowOptions {
  signal?: AbortSignal;
  /** A terminal gets a progress bar that moves; a file or pipe gets a line every few seconds. */
  terminal?: boolean;
  /** Where the lines go; the bar needs the real terminal. */
  print?: (line: string) => void;
}

const secondsBetweenLines = 5;
/** Lines of the curve of the loss in a terminal. */
const chartHeight = 8;

/**
 * Shows a run from its beginning until it has finished: its ledger, progress, and each evaluation.
 * @returns the run as it ended (or as it is, when the signal is aborted)
 * @throws ProblemError for an unknown run
 */
export async function followRun(client: RegattaClient, runId: string, options: FollowOptions = {}): Promise<Run> {
  const read = () => answer<Run>(client.GET('/api/v1/runs/{id}', { params: { path: { id: runId } } }));
  const progress = new RunProgress(await read());
  const view = options.terminal ? new BarView() : new LineView(options.print ?? console.log);
  let evaluated = 0;
  try {
    for await (const message of streamRun(client, runId, { signal: options.signal })) {
      if (message.event === 'status') progress.run = message.data;
      if (message.event === 'event') view.note(`${message.data.type}: ${message.data.message}`);
      if (message.event === 'metric') {
        progress.add(message.data);
        if (isEvaluated(message.data.name)) evaluated = message.data.step;
        // An evaluation's points come together: it is told when the next step's points begin.
        if (evaluated > 0 && message.data.step > evaluated) {
          view.note(`step ${evaluated}: ${progress.evaluation()}`);
          evaluated = 0;
        }
      }
      view.update(progress);
    }
    if (evaluated > 0) view.note(`step ${evaluated}: ${progress.evaluation()}`);
  } finally {
    view.close();
  }
  return read();
}

interface View {
  note(line: string): void;
  update(progress: RunProgress): void;
  close(): void;
}

class BarView implements View {
  #bars = new MultiBar(
    { format: '{bar} {percentage} % · {line}', hideCursor: true, barsize: 20, gracefulExit: false },
    Presets.shades_classic,
  );
  #bar: SingleBar | undefined;
  #lines: SingleBar[] = [];

  note(line: string): void {
    this.#bars.log(`${line}\n`);
  }

  update(progress: RunProgress): void {
    const width = Math.max(20, Math.min(100, (process.stdout.columns ?? 80) - 12));
    for (const [row, line] of chart(progress.losses, { width, height: chartHeight }).entries()) {
      this.#lines[row] ??= this.#bars.create(1, 0, { line }, { format: '{line}' });
      this.#lines[row].update(0, { line });
    }
    const total = progress.run.progress.maxSteps ?? Math.max(1, progress.step);
    this.#bar ??= this.#bars.create(total, 0, { line: '' });
    this.#bar.setTotal(total);
    this.#bar.update(progress.step, { line: progress.line() });
  }

  close(): void {
    // Stopping alone would drop the lines that wait for the next drawing.
    this.#bars.update();
    this.#bars.stop();
  }
}

class LineView implements View {
  #next = 0;

  constructor(private readonly print: (line: string) => void) {}

  note(line: string): void {
    this.print(line);
  }

  update(progress: RunProgress): void {
    if (Date.now() < this.#next || progress.run.status !== 'running') return;
    this.#next = Date.now() + secondsBetweenLines * 1000;
    this.print(progress.line());
  }

  close(): void {}
}

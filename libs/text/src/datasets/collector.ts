import { AppError, type DatasetSummary, type DatasetWarning } from '@regatta/contracts';
import { ExampleCounts, labelsOf } from './counts.js';
import { type Example, type ExampleKind, inputKey, writeExample } from './examples.js';
import type { Found } from './found.js';
import { LeakGuard, shown } from './leak-guard.js';
import { mostLabels } from './limits.js';
import { Warnings } from './warnings.js';

export type PartField = 'file' | 'validation' | 'test';

/** Where normalised examples go: appended as JSON Lines, then filtered once. */
export interface ExampleStore {
  append(lines: string): void | Promise<void>;
  /** Keeps the lines (numbered from 0) that `keep` wants, in their order. */
  filter(keep: (line: string, number: number) => boolean): Promise<void>;
}

export interface DatasetContent {
  summary: DatasetSummary;
  warnings: DatasetWarning[];
}

const bufferedLength = 256 * 1024;

/** Which part a message is about; nothing for the training part. */
export const where = (field: PartField) => (field === 'file' ? '' : `In ${field}: `);

/** Takes examples as they are found, stores them, and says in the end what they are. */
export class ExampleCollector {
  readonly warnings = new Warnings();
  private readonly counts = new ExampleCounts();
  private readonly guard = new LeakGuard();
  private readonly heldLabels = new Map<string, { line: number; field: PartField | 'split' }>();
  private buffered = '';
  private taken = 0;
  private dropped = 0;
  private firstProblem: { line: number; problem: string } | undefined;

  constructor(
    private readonly kind: ExampleKind,
    private readonly store: ExampleStore,
  ) {}

  async take(found: Found, field: PartField): Promise<void> {
    if ('problem' in found) {
      this.dropped++;
      this.firstProblem ??= found;
      this.warnings.add(found.line, `${where(field)}${found.problem}`);
      return;
    }
    const { example, line } = found;
    this.taken++;
    this.counts.add(example);
    if (this.counts.labels.size > mostLabels)
      throw new AppError(
        'invalid-file',
        `There are more than ${mostLabels.toLocaleString('en')} different labels: is this the label's column?`,
      );
    if (example.split === 'validation' || example.split === 'test')
      for (const label of labelsOf(example))
        if (!this.heldLabels.has(label)) this.heldLabels.set(label, { line, field });
    this.guard.add(inputKey(this.kind, example), example.split, line);
    this.buffered += writeExample(example);
    if (this.buffered.length > bufferedLength) await this.flush();
  }

  private async flush(): Promise<void> {
    const lines = this.buffered;
    this.buffered = '';
    if (lines !== '') await this.store.append(lines);
  }

  /** @throws AppError `invalid-file` where the part has nothing, or too little, that can be used */
  endPart(field: PartField): void {
    const { taken, dropped, firstProblem } = this;
    Object.assign(this, { taken: 0, dropped: 0, firstProblem: undefined });
    if (taken === 0 && !firstProblem)
      throw new AppError('invalid-file', 'The file holds no example, only a header or blank lines.');
    if (firstProblem && dropped > taken)
      throw new AppError(
        'invalid-file',
        `${taken === 0 ? 'Nothing' : 'Less than half'} of the file can be used: ${taken.toLocaleString('en')} of ${(taken + dropped).toLocaleString('en')} examples. First problem, in line ${firstProblem.line}: ${firstProblem.problem}`,
        {
          next:
            field === 'file'
              ? 'Look at the format, header and column options.'
              : 'It must be of the same form as the training file.',
        },
      );
  }

  async finish(
    encoding: string,
    columns: Record<string, string> | null,
    languages: DatasetSummary['languages'],
  ): Promise<DatasetContent> {
    await this.flush();
    const leaks = await this.removeLeaks();
    this.checkContent();
    const { examples, words } = this.counts;
    const summary = { documents: null, sentences: null, words, examples, splits: this.counts.splitSizes() };
    return {
      summary: { ...summary, labels: this.counts.labelList(), columns, encoding, leaks, languages },
      warnings: this.warnings.list(),
    };
  }

  private async removeLeaks(): Promise<DatasetSummary['leaks']> {
    const removed = this.guard.leaking();
    const shownExamples: { line: number; text: string }[] = [];
    if (removed > 0)
      await this.store.filter((line, number) => {
        if (!this.guard.leaks(number)) return true;
        const example = JSON.parse(line) as Example;
        this.counts.add(example, -1);
        if (shownExamples.length < 10)
          shownExamples.push({ line: this.guard.lineOf(number), text: shown(inputKey(this.kind, example as never)) });
        return false;
      });
    if (removed > 0)
      this.warnings.add(
        shownExamples[0].line,
        `${removed.toLocaleString('en')} training example${removed === 1 ? ' was' : 's were'} left out: the same input is held out for validation or test.`,
      );
    return this.guard.report(shownExamples, removed);
  }

  /** @throws AppError `invalid-file` where nothing can be learnt */
  private checkContent(): void {
    const { counts } = this;
    const refuse = (message: string, next: string) => {
      throw new AppError('invalid-file', message, { next, errors: [{ path: 'file', message }] });
    };
    if (counts.trainExamples === 0)
      refuse(
        'No training example is left: each is in validation or test.',
        'Upload training data that differs from what is held out.',
      );
    if (counts.trained.size === 1)
      refuse(
        `Every ${this.kind === 'tagging' ? 'token has the tag' : 'example has the label'} ${JSON.stringify([...counts.trained.keys()][0])}.`,
        'There must be two different ones at least; look at the column options.',
      );
    if (
      counts.trained.size > 20 &&
      this.kind.endsWith('classification') &&
      counts.trained.size > 0.5 * counts.trainExamples
    )
      refuse(
        `There are ${counts.trained.size.toLocaleString('en')} labels for ${counts.trainExamples.toLocaleString('en')} examples.`,
        'Name the label column, or upload numbers as kind regression.',
      );
    if (this.kind === 'regression' && counts.values.least === counts.values.most)
      refuse(
        `Every value is ${counts.values.least}.`,
        'There must be two different ones at least; look at the column options.',
      );
    const unknown = [...this.heldLabels].filter(([label]) => !counts.trained.has(label));
    if (unknown.length > 0 && unknown.length === this.heldLabels.size)
      refuse('No label of the held-out data occurs in training.', 'Both must use the same labels.');
    for (const [label, { line, field }] of unknown)
      this.warnings.add(
        line,
        `${where(field as PartField)}The label ${JSON.stringify(label)} does not occur in training: no model can learn it.`,
      );
  }
}

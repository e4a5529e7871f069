import type { DatasetWarning } from '@regatta/contracts';

import { storable } from './found.js';

const most = 100;

/** What reading found odd, in the order found: the first hundred, and how many more there were. */
export class Warnings {
  private readonly first: DatasetWarning[] = [];
  private count = 0;

  /** @param line of the file, counted from 1; 0 where it is about the whole */
  add(line: number, message: string): void {
    if (++this.count <= most) this.first.push({ line, message: storable(message) });
  }

  list(): DatasetWarning[] {
    if (this.count <= most) return [...this.first];
    return [...this.first, { line: 0, message: `And ${(this.count - most).toLocaleString('en')} more warnings.` }];
  }
}

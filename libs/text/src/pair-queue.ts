/** A queue of (key, priority): the highest priority first, equal priorities by the smaller key, so that the order is total. */
export class PairQueue {
  private readonly keys: number[] = [];
  private readonly priorities: number[] = [];

  get size(): number {
    return this.keys.length;
  }

  push(key: number, priority: number): void {
    let at = this.keys.length;
    this.keys.push(key);
    this.priorities.push(priority);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** Takes the first one out; the queue must not be empty. */
  pop(): { key: number; priority: number } {
    const first = { key: this.keys[0], priority: this.priorities[0] };
    this.swap(0, this.keys.length - 1);
    this.keys.pop();
    this.priorities.pop();
    let at = 0;
    for (;;) {
      let next = at;
      const left = 2 * at + 1;
      if (left < this.keys.length && this.before(left, next)) next = left;
      if (left + 1 < this.keys.length && this.before(left + 1, next)) next = left + 1;
      if (next === at) return first;
      this.swap(at, next);
      at = next;
    }
  }

  private before(a: number, b: number): boolean {
    const difference = this.priorities[a] - this.priorities[b];
    return difference > 0 || (difference === 0 && this.keys[a] < this.keys[b]);
  }

  private swap(a: number, b: number): void {
    [this.keys[a], this.keys[b]] = [this.keys[b], this.keys[a]];
    [this.priorities[a], this.priorities[b]] = [this.priorities[b], this.priorities[a]];
  }
}

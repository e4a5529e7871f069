/**
 * Reads once for all that ask the same while a read is under way. Who asks gets a read that begins after that: whatever was written before is in
 * it, as if each had read alone.
 */
export class SharedReads<Answer> {
  private readonly keys = new Map<string, { running: Promise<unknown>; next?: Promise<Answer> }>();

  /** @param key the same for the same question */
  read(key: string, from: () => Promise<Answer>): Promise<Answer> {
    const known = this.keys.get(key);
    if (!known) return this.begin(key, from);
    known.next ??= known.running.then(
      () => this.begin(key, from),
      () => this.begin(key, from),
    );
    return known.next;
  }

  private begin(key: string, from: () => Promise<Answer>): Promise<Answer> {
    const running = from();
    const entry: { running: Promise<Answer>; next?: Promise<Answer> } = { running };
    this.keys.set(key, entry);
    const ended = () => {
      if (!entry.next) this.keys.delete(key);
    };
    running.then(ended, ended);
    return running;
  }
}

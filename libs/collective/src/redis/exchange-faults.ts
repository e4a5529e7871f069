/** Faults on purpose in a rank's exchange of gradients: what bad memory and a bad network do. */
export class ExchangeFaults {
  private corrupts = false;
  private readonly connections = new Set<{ drop(): void }>();

  /** One bit of the next message that is sent will be wrong, on its server too: reading it again does not help. */
  corruptNext(): void {
    this.corrupts = true;
  }

  /** Breaks a connection to each gradient server that is in use. */
  dropConnections(): void {
    for (const connection of this.connections) {
      connection.drop();
    }
  }

  /** What is sent in place of these contents. */
  sent(contents: Uint8Array): Uint8Array {
    if (!this.corrupts || contents.length === 0) {
      return contents;
    }
    this.corrupts = false;
    const altered = Uint8Array.from(contents);
    // the sign of a number: should nobody notice, no rounding hides it
    altered[Math.min(altered.length - 1, (altered.length >> 1) | 3)] ^= 0x80;
    return altered;
  }

  watch(connection: { drop(): void }): void {
    this.connections.add(connection);
  }

  forget(connection: { drop(): void }): void {
    this.connections.delete(connection);
  }
}

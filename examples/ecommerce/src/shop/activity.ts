/** What really happened in the shop, in order: the proof that is independent of what the engine says. */
export type Deed = 'charged' | 'reserved' | 'shipped' | 'released' | 'refunded';

export interface ActivityEntry {
  readonly orderId: string;
  readonly deed: Deed;
  readonly detail: string;
}

export class Activity {
  private readonly entries: ActivityEntry[] = [];

  add(orderId: string, deed: Deed, detail: string): void {
    this.entries.push({ orderId, deed, detail });
  }

  of(orderId: string): readonly ActivityEntry[] {
    return this.entries.filter((entry) => entry.orderId === orderId);
  }
}

/** Records what happened in the shop, in order. The demo compares it with the engine's report. */
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

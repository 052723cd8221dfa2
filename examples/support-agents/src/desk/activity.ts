/** Records what happened at the desk, in order. The demo compares it with the engine's report. */
export type Deed = 'assigned' | 'returned' | 'refund reserved' | 'refund released' | 'answered';

export interface ActivityEntry {
  readonly ticketId: string;
  readonly deed: Deed;
  readonly detail: string;
}

export class Activity {
  private readonly entries: ActivityEntry[] = [];

  add(ticketId: string, deed: Deed, detail: string): void {
    this.entries.push({ ticketId, deed, detail });
  }

  of(ticketId: string): readonly ActivityEntry[] {
    return this.entries.filter((entry) => entry.ticketId === ticketId);
  }
}

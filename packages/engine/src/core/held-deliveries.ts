/**
 * Which connections have deliveries of orchestrations that left memory (E10): sent over them, or claimed by them. So a
 * late message settles what its connection has. Kept as long as such a connection is open; after a restart, nobody knows.
 */
import type { ServiceConnection } from '../dispatch/connections';
import type { DeliveryTracker } from './delivery-tracker';

/** Maximum orchestrations of one connection (E8). Deliveries of further ones count as lost, as after a restart. */
const MAX_PER_CONNECTION = 10_000;

export class HeldDeliveries {
  private readonly byOrchestration = new Map<string, DeliveryTracker>();
  private readonly held = new Map<ServiceConnection, Set<string>>();

  constructor(private readonly isOpen: (connection: ServiceConnection) => boolean) {}

  /** The orchestration leaves memory. */
  keep(orchestrationId: string, tracker: DeliveryTracker): void {
    for (const holder of tracker.holders()) {
      if (!this.isOpen(holder)) continue;
      const ids = this.held.get(holder) ?? new Set();
      if (ids.size >= MAX_PER_CONNECTION) continue;
      this.held.set(holder, ids.add(orchestrationId));
      this.byOrchestration.set(orchestrationId, tracker);
    }
  }

  /** Undefined if no open connection has any of its deliveries. */
  of(orchestrationId: string): DeliveryTracker | undefined {
    return this.byOrchestration.get(orchestrationId);
  }

  /** The orchestration is in memory again, which has the tracker now. */
  forget(orchestrationId: string): void {
    const tracker = this.byOrchestration.get(orchestrationId);
    if (!tracker) return;
    this.byOrchestration.delete(orchestrationId);
    for (const holder of tracker.holders()) this.held.get(holder)?.delete(orchestrationId);
  }

  /** Its connection has closed. */
  closed(connection: ServiceConnection): void {
    const ids = this.held.get(connection) ?? [];
    this.held.delete(connection);
    for (const id of ids) {
      const holders = this.byOrchestration.get(id)?.holders() ?? [];
      if (!holders.some((holder) => this.held.get(holder)?.has(id))) this.byOrchestration.delete(id);
    }
  }
}

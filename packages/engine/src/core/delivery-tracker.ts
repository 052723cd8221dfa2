/** Which connection has which delivery of one orchestration (E10). Known only to the process that sent them. */
import type { ServiceConnection } from '../dispatch/connections';
import type { DeliveryHolders } from '../domain/orchestration/deliveries';
import type { OrchestrationState } from '../domain/orchestration/state';

interface Sent {
  readonly taskId: string;
  readonly connection: ServiceConnection;
  /** The request said that the task is in doubt. */
  readonly inDoubt: boolean;
}

type IsOpen = (connection: ServiceConnection) => boolean;

export class DeliveryTracker {
  private readonly sent = new Map<string, Sent>();
  /** Executions of reverts that reached a connection. */
  private readonly revertsSent = new Set<string>();

  /** @param restored deliveries from before this process: nobody knows who has them, or whether they were sent */
  constructor(private readonly restored: ReadonlySet<string> = new Set()) {}

  static of({ tasks, compensations }: OrchestrationState): DeliveryTracker {
    const restored = new Set<string>();
    for (const { deliveries } of tasks.values()) for (const { id } of deliveries) restored.add(id);
    for (const { phase } of compensations) if (phase.kind === 'running') restored.add(phase.executionId);
    return new DeliveryTracker(restored);
  }

  /** Whether it never reached a connection. */
  readonly isUnsent = (id: string): boolean =>
    !this.sent.has(id) && !this.restored.has(id) && !this.revertsSent.has(id);

  addRevert(executionId: string): void {
    this.revertsSent.add(executionId);
  }

  readonly isRestored = (id: string): boolean => this.restored.has(id);

  add(id: string, sent: Sent): void {
    this.sent.set(id, sent);
  }

  connectionOf(id: string): ServiceConnection | undefined {
    return this.sent.get(id)?.connection;
  }

  /** Connections that have or had one of the deliveries. */
  holders(): readonly ServiceConnection[] {
    if (this.sent.size === 0) return [];
    return [...new Set([...this.sent.values()].map(({ connection }) => connection))];
  }

  /** Forgets the settled deliveries of a task. */
  prune({ tasks }: OrchestrationState, taskId: string): void {
    if (this.sent.size === 0) return;
    const open = tasks.get(taskId)?.deliveries ?? [];
    for (const [id, sent] of this.sent) {
      if (sent.taskId === taskId && !open.some((delivery) => delivery.id === id)) this.sent.delete(id);
    }
  }

  /** The open connection that has a delivery of the task (E12). */
  holderOf({ tasks }: OrchestrationState, taskId: string, isOpen: IsOpen): ServiceConnection | undefined {
    for (const { id } of tasks.get(taskId)?.deliveries ?? []) {
      const connection = this.connectionOf(id);
      if (connection && isOpen(connection)) return connection;
    }
    return undefined;
  }

  /** Whether a delivery of the task was lost with its connection, or with an earlier process, and nobody has claimed it. */
  hasLost({ tasks }: OrchestrationState, taskId: string, isOpen: IsOpen): boolean {
    return (tasks.get(taskId)?.deliveries ?? []).some(({ id }) => {
      const connection = this.connectionOf(id);
      return connection ? !isOpen(connection) : !this.isUnsent(id);
    });
  }

  /** Open connections that have a delivery of the task. */
  holdersOf({ tasks }: OrchestrationState, taskId: string, isOpen: IsOpen): ReadonlySet<ServiceConnection> {
    const holders = new Set<ServiceConnection>();
    for (const { id } of tasks.get(taskId)?.deliveries ?? []) {
      const connection = this.connectionOf(id);
      if (connection && isOpen(connection)) holders.add(connection);
    }
    return holders;
  }

  /** As seen from the connection of a response. */
  seenFrom(
    connection: ServiceConnection,
    { tasks }: OrchestrationState,
    taskId: string,
    isOpen: IsOpen,
  ): Omit<DeliveryHolders, 'hasRevert'> {
    const own = new Set<string>();
    const elsewhere = new Set<string>();
    let knewDoubt = false;
    for (const { id } of tasks.get(taskId)?.deliveries ?? []) {
      const sent = this.sent.get(id);
      if (!sent) continue;
      if (sent.connection === connection) {
        own.add(id);
        knewDoubt = sent.inDoubt;
      } else if (isOpen(sent.connection)) elsewhere.add(id);
    }
    return { own, elsewhere, knewDoubt };
  }

  /** Makes the connection the holder of all lost deliveries of a task. Returns whether that changes anything (E12). */
  claim(connection: ServiceConnection, { tasks }: OrchestrationState, taskId: string, isOpen: IsOpen): boolean {
    let changed = false;
    for (const { id } of tasks.get(taskId)?.deliveries ?? []) {
      if (this.isUnsent(id)) continue;
      const sent = this.sent.get(id);
      if (sent && isOpen(sent.connection)) continue;
      this.sent.set(id, { taskId, connection, inDoubt: sent?.inDoubt ?? false });
      changed = true;
    }
    return changed;
  }

  /** Whether the task may run elsewhere than on this connection, or an earlier attempt may have had an effect. */
  isInDoubt({ tasks }: OrchestrationState, taskId: string, connection: ServiceConnection): boolean {
    const { deliveries = [], unknownEffect } = tasks.get(taskId) ?? {};
    if (unknownEffect) return true;
    return deliveries.some(({ id }) => !this.isUnsent(id) && this.connectionOf(id) !== connection);
  }
}

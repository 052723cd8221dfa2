/**
 * Which requests are open, seen from outside: on which connections, from messages as the engine sends and receives them; and
 * in which orchestrations, from committed events.
 */
import type { Connection } from '../system/connection';
import type { ObservedOrchestration } from './observations';
import type { WireMessage } from './wire-message';

/** A task whose key was sent. */
export interface KnownKey {
  readonly orchestrationId: string;
  readonly taskId: string;
}

export class HeldRequests {
  /** By idempotency key: the execution ids of open requests, oldest first. */
  private readonly held = new Map<string, Map<Connection, string[]>>();
  private readonly known = new Map<string, KnownKey>();

  /** The engine sends a task. */
  sent(
    connection: Connection,
    { id = '', idempotencyKey = '', executionId = '', orchestrationId = '' }: WireMessage,
  ): void {
    this.known.set(idempotencyKey, { orchestrationId, taskId: id });
    const own = this.of(idempotencyKey).get(connection) ?? [];
    this.of(idempotencyKey).set(connection, [...own, executionId]);
  }

  task(key: string | undefined): KnownKey | undefined {
    return key === undefined ? undefined : this.known.get(key);
  }

  keyOf(orchestrationId: string, taskId: string): string | undefined {
    for (const [key, task] of this.known) {
      if (task.orchestrationId === orchestrationId && task.taskId === taskId) return key;
    }
    return undefined;
  }

  /** The connections that have the task, as the engine can know it. */
  holders(key: string): Connection[] {
    return [...this.of(key)]
      .filter(([{ isOpenAtEngine }, ids]) => isOpenAtEngine && ids.length > 0)
      .map(([one]) => one);
  }

  /** A message of a service arrives at the engine. */
  arrived(
    connection: Connection,
    { type, idempotencyKey = '', status, executionId, result, error }: WireMessage,
  ): void {
    if (!this.known.has(idempotencyKey)) return;
    const held = this.of(idempotencyKey);
    const own = held.get(connection) ?? [];
    if (type === 'task_status') {
      if (status === 'not_started' || status === 'interrupted') held.delete(connection);
      else this.claimed(connection, held);
    } else if (type === 'task_result' && result != null && error == null) held.delete(connection);
    else if (type === 'task_result' || type === 'task_abort_result') {
      // A failure settles the attempt that it names, and earlier ones.
      held.set(connection, own.slice(own.lastIndexOf(executionId ?? '') + 1));
    }
  }

  /** It holds what was sent over connections that are lost. */
  private claimed(connection: Connection, held: Map<Connection, string[]>): void {
    const lost: string[] = [];
    for (const [other, ids] of held) {
      if (other === connection || other.isOpenAtEngine) continue;
      lost.push(...ids);
      held.delete(other);
    }
    held.set(connection, [...lost, ...(held.get(connection) ?? [])]);
  }

  private of(key: string): Map<Connection, string[]> {
    const known = this.held.get(key) ?? new Map<Connection, string[]>();
    this.held.set(key, known);
    return known;
  }
}

/** Events that settle all deliveries of a task except those that they name. */
const SETTLING = new Set(['task_attempt_failed', 'task_completed', 'task_aborted', 'task_settled']);

/** Ids of the open deliveries of a task after all committed events. */
export function openDeliveries({ events }: ObservedOrchestration, task: string): readonly string[] {
  let open: string[] = [];
  const keep = (ids: readonly string[] | undefined): void =>
    void (open = open.filter((id) => ids?.includes(id) === true));
  for (const { event } of events) {
    if ('unsent' in event) open = open.filter((id) => event.unsent?.includes(id) !== true);
    if (!('taskId' in event) || event.taskId !== task) continue;
    if (event.type === 'task_started' || event.type === 'task_redelivered') open.push(event.id);
    if ('sent' in event && event.sent === false) open.pop();
    if (SETTLING.has(event.type)) keep((event as { readonly open?: readonly string[] }).open);
  }
  return open;
}

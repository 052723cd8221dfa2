/**
 * Hands committed work to connections, and remembers what is out on which. A key stays with its holder (E12): the next
 * attempt goes to the connection that still has the task. If that connection is lost, the work waits until the holder
 * claims it over a new connection, or goes to the next connection of a service that cannot claim.
 */
import { toError } from '@orra-ts/common';
import type { Connections, ServiceConnection } from '../dispatch/connections';
import type { DeliveryHolders } from '../domain/orchestration/deliveries';
import type { Assignment } from './assignment';
import type { DecisionLoop } from './decision-loop';
import { unsendableCommand } from './response-commands';

/** Work that waits for a connection of one service. */
type ServiceQueue = Set<Assignment>;

export class Dispatcher {
  private readonly queues = new Map<string, ServiceQueue>();
  private readonly sentOver = new Map<ServiceConnection, Set<Assignment>>();
  private readonly isOpen = (connection: ServiceConnection): boolean => this.connections.has(connection);

  constructor(
    private readonly connections: Connections,
    private readonly loop: DecisionLoop,
  ) {}

  /**
   * Sends it now, or as soon as there is a connection that takes it.
   *
   * @param start which of its starts is committed
   */
  send(assignment: Assignment, start: string | undefined): void {
    this.release(assignment);
    assignment.committed = start;
    assignment.isOut = true;
    const queue = this.queue(assignment.serviceId);
    queue.add(assignment);
    this.place(assignment, queue);
  }

  /** It has an outcome, or waits for its next attempt: none of it is out. */
  release(assignment: Assignment): void {
    if (!assignment.isOut) return;
    assignment.isOut = false;
    this.queues.get(assignment.serviceId)?.delete(assignment);
    const { connection } = assignment;
    if (!connection) return;
    assignment.connection = undefined;
    connection.load--;
    this.sentOver.get(connection)?.delete(assignment);
  }

  /** A new connection gets what waits for one. */
  opened(connection: ServiceConnection): void {
    this.sentOver.set(connection, new Set());
    this.fill(connection);
  }

  /** What was sent over the connection waits. Returns the tasks that their holder may claim over a new connection. */
  closed(connection: ServiceConnection): readonly Assignment[] {
    const unsent = this.queue(connection.serviceId);
    const claimable: Assignment[] = [];
    for (const assignment of this.sentOver.get(connection) ?? []) {
      assignment.connection = undefined;
      unsent.add(assignment);
      if (assignment.kind !== 'task' || !canClaim(connection.capabilities)) continue;
      assignment.awaitsClaim = true;
      claimable.push(assignment);
    }
    this.sentOver.delete(connection);
    return claimable;
  }

  /** Nobody has claimed it in time: it goes to any connection. */
  unclaimed(assignment: Assignment): void {
    if (!assignment.awaitsClaim) return;
    assignment.awaitsClaim = false;
    if (!assignment.isOut || assignment.connection) return;
    this.place(assignment, this.queue(assignment.serviceId));
  }

  /** The connection has the task: it becomes the holder if there is none (E12). Returns whether that is news. */
  claim(assignment: Assignment, connection: ServiceConnection): boolean {
    const { orchestration, taskId } = assignment;
    const { state, deliveries } = orchestration;
    if (!deliveries.claim(connection, state, taskId, this.isOpen)) return false;
    assignment.awaitsClaim = false;
    if (!assignment.isOut || assignment.connection) return true;
    const queue = this.queue(assignment.serviceId);
    const { deliveryId } = assignment;
    if (deliveryId !== undefined && deliveries.isUnsent(deliveryId)) this.place(assignment, queue);
    else this.isOutOver(connection, assignment, queue);
    return true;
  }

  /** Where the deliveries of a task are, seen from the connection of a response to it. */
  holdersFor({ orchestration, taskId }: Assignment, connection: ServiceConnection): DeliveryHolders {
    const { state, deliveries, assignments } = orchestration;
    const seen = deliveries.seenFrom(connection, state, taskId, this.isOpen);
    if (state.compensations.length === 0) return seen;
    for (const other of assignments.values()) {
      const hasRevert =
        other.kind === 'compensation' && other.taskId === taskId && other.connection === connection && other.isOut;
      if (hasRevert && other.revert?.outcome !== 'completed') return { ...seen, hasRevert: true };
    }
    return seen;
  }

  /** Sends over this connection what waits, until the connection takes no more. */
  fill(connection: ServiceConnection): void {
    const queue = this.queue(connection.serviceId);
    for (const assignment of [...queue]) {
      if (this.mayGoOver(connection, assignment) && !this.sendOver(connection, assignment, queue)) return;
    }
  }

  /** Sends what waits over any connections of the service. Returns how many assignments still wait. */
  placeUnsent(serviceId: string): number {
    const queue = this.queue(serviceId);
    for (const assignment of [...queue]) this.place(assignment, queue);
    return queue.size;
  }

  /** Over its holder, else over the preferred or the least busy connection, or another one if that is closing or full. */
  private place(assignment: Assignment, queue: ServiceQueue): void {
    const serviceId = assignment.serviceId as ServiceConnection['serviceId'];
    const { preferred, avoided } = assignment;
    const best = preferred && this.isOpen(preferred) ? preferred : this.connections.pick(serviceId, avoided);
    if (!best) return;
    if (this.mayGoOver(best, assignment) && this.sendOver(best, assignment, queue)) return;
    for (const other of this.connections.of(serviceId)) {
      if (other !== best && this.mayGoOver(other, assignment) && this.sendOver(other, assignment, queue)) return;
    }
  }

  private mayGoOver(connection: ServiceConnection, assignment: Assignment): boolean {
    // E3: the state in memory can be ahead of the journal. The commit of its newest start sends it.
    if (assignment.committed !== assignment.newestStart) return false;
    if (assignment.kind === 'compensation') return assignment.isFor(connection);
    const { taskId, awaitsClaim } = assignment;
    const { state, deliveries } = assignment.orchestration;
    if (awaitsClaim && deliveries.hasLost(state, taskId, this.isOpen)) return false;
    const holder = deliveries.holderOf(state, taskId, this.isOpen);
    return holder === undefined || holder === connection;
  }

  /** False when the connection takes nothing: it is full and reports when it has room again, or it is about to close. */
  private sendOver(connection: ServiceConnection, assignment: Assignment, queue: ServiceQueue): boolean {
    const { orchestration, taskId, deliveryId } = assignment;
    const { deliveries, state } = orchestration;
    if (deliveryId !== undefined && !deliveries.isUnsent(deliveryId)) {
      // It was sent before: a further delivery is recorded first (E3), then it is sent.
      queue.delete(assignment);
      assignment.preferred = connection;
      this.loop.executeDetached(orchestration, { kind: 'redeliver', taskId });
      return true;
    }
    const request = assignment.requestFor(connection);
    if (!request) {
      this.release(assignment);
      return true;
    }
    const inDoubt = deliveryId !== undefined && deliveries.isInDoubt(state, taskId, connection);
    try {
      if (!connection.send(request)) return false;
    } catch (error) {
      this.release(assignment);
      this.loop.executeDetached(orchestration, unsendableCommand(assignment, toError(error)));
      return true;
    }
    if (deliveryId !== undefined) deliveries.add(deliveryId, { taskId, connection, inDoubt });
    if (request.type === 'compensation_request') deliveries.addRevert(request.executionId);
    assignment.preferred = undefined;
    this.isOutOver(connection, assignment, queue);
    return true;
  }

  private isOutOver(connection: ServiceConnection, assignment: Assignment, queue: ServiceQueue): void {
    queue.delete(assignment);
    assignment.connection = connection;
    connection.load++;
    this.sentOver.get(connection)?.add(assignment);
  }

  private queue(serviceId: string): ServiceQueue {
    let queue = this.queues.get(serviceId);
    if (!queue) {
      queue = new Set();
      this.queues.set(serviceId, queue);
    }
    return queue;
  }
}

/** SDKs that can cancel tasks also claim the keys that they run. */
export const canClaim = (capabilities: Iterable<string>): boolean => new Set(capabilities).has('task-cancel');

/**
 * Hands committed work to connections, and remembers what is out on which. The work of a connection that was lost goes to
 * the next one that opens: most likely the same process, which knows the keys.
 */
import { toError } from '@orra-ts/common';
import type { Connections, ServiceConnection } from '../dispatch/connections';
import type { Assignment } from './assignment';
import type { DecisionLoop } from './decision-loop';
import type { LiveOrchestration } from './live-orchestration';
import { unsendableCommand } from './response-commands';

interface ServiceQueue {
  /** Work that waits for a connection. */
  readonly unsent: Set<Assignment>;
  /** Orchestrations whose plans use this service. */
  readonly users: Set<LiveOrchestration>;
}

export class Dispatcher {
  private readonly queues = new Map<string, ServiceQueue>();
  private readonly sentOver = new Map<ServiceConnection, Set<Assignment>>();

  constructor(
    private readonly connections: Connections,
    private readonly loop: DecisionLoop,
  ) {}

  /** From now on the orchestration is decided anew when the availability of this service changes. */
  track(orchestration: LiveOrchestration, serviceId: string): void {
    this.queue(serviceId).users.add(orchestration);
  }

  /** The orchestration is over: none of its work is out any more. */
  untrack(orchestration: LiveOrchestration): void {
    for (const { plan } of orchestration.state.tasks.values())
      this.queues.get(plan.serviceId)?.users.delete(orchestration);
    for (const assignment of orchestration.assignments.values()) this.release(assignment);
  }

  /** Decides anew every orchestration whose plan uses the service. */
  advanceUsers(serviceId: string): void {
    for (const orchestration of [...this.queue(serviceId).users]) this.loop.advance(orchestration);
  }

  /** Sends it now, or as soon as there is a connection that takes it. */
  send(assignment: Assignment): void {
    this.release(assignment);
    assignment.isOut = true;
    const queue = this.queue(assignment.serviceId);
    queue.unsent.add(assignment);
    this.place(assignment, queue);
  }

  /** It has an outcome, or waits for its next attempt: none of it is out. */
  release(assignment: Assignment): void {
    if (!assignment.isOut) return;
    assignment.isOut = false;
    this.queues.get(assignment.serviceId)?.unsent.delete(assignment);
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

  /** What was sent over the connection waits for another one. */
  closed(connection: ServiceConnection): void {
    const { unsent } = this.queue(connection.serviceId);
    for (const assignment of this.sentOver.get(connection) ?? []) {
      assignment.connection = undefined;
      unsent.add(assignment);
    }
    this.sentOver.delete(connection);
  }

  /** Sends over this connection what waits, until the connection takes no more. */
  fill(connection: ServiceConnection): void {
    const queue = this.queue(connection.serviceId);
    for (const assignment of [...queue.unsent]) if (!this.sendOver(connection, assignment, queue)) return;
  }

  /** Sends what waits over any connections of the service. Returns how many assignments still wait. */
  placeUnsent(serviceId: string): number {
    const queue = this.queue(serviceId);
    for (const assignment of [...queue.unsent]) this.place(assignment, queue);
    return queue.unsent.size;
  }

  /** Over the least busy connection, or over another one if that is closing or full. */
  private place(assignment: Assignment, queue: ServiceQueue): void {
    const serviceId = assignment.serviceId as ServiceConnection['serviceId'];
    const best = this.connections.pick(serviceId);
    if (!best || this.sendOver(best, assignment, queue)) return;
    for (const other of this.connections.of(serviceId)) {
      if (other !== best && this.sendOver(other, assignment, queue)) return;
    }
  }

  /** False when the connection takes nothing: it is full and reports when it has room again, or it is about to close. */
  private sendOver(connection: ServiceConnection, assignment: Assignment, queue: ServiceQueue): boolean {
    const request = assignment.requestFor(connection);
    if (!request) {
      this.release(assignment);
      return true;
    }
    try {
      if (!connection.send(request)) return false;
    } catch (error) {
      this.release(assignment);
      this.loop.executeDetached(assignment.orchestration, unsendableCommand(assignment, toError(error)));
      return true;
    }
    queue.unsent.delete(assignment);
    assignment.connection = connection;
    connection.load++;
    this.sentOver.get(connection)?.add(assignment);
    return true;
  }

  private queue(serviceId: string): ServiceQueue {
    let queue = this.queues.get(serviceId);
    if (!queue) {
      queue = { unsent: new Set(), users: new Set() };
      this.queues.set(serviceId, queue);
    }
    return queue;
  }
}

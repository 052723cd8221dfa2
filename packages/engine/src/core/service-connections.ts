/**
 * What happens on the sockets of services. A service counts as available while it is connected, and for a short grace
 * period after its last connection closed, so that a quick reconnect pauses nothing.
 */
import type { Clock, Logger, Timer } from '@orra-ts/common';
import { isTerminalStatus, type ServiceMessage } from '@orra-ts/protocol';
import type { Connections, ServiceConnection } from '../dispatch/connections';
import type { Assignment } from './assignment';
import type { Assignments } from './assignments';
import type { Cancellations } from './cancellations';
import type { DecisionLoop } from './decision-loop';
import type { Dispatcher } from './dispatcher';
import type { HeldDeliveries } from './held-deliveries';
import type { LiveOrchestrations } from './live-orchestrations';
import { malformedCommand, responseCommand } from './response-commands';
import type { ServiceUsers } from './service-users';

export interface ServiceConnectionsOptions {
  readonly connections: Connections;
  /** Services that can be given work; kept up to date here. */
  readonly available: Set<string>;
  readonly dispatcher: Dispatcher;
  readonly users: ServiceUsers;
  readonly cancellations: Cancellations;
  readonly assignments: Assignments;
  readonly held: HeldDeliveries;
  readonly live: LiveOrchestrations;
  readonly loop: DecisionLoop;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly disconnectGraceMs: number;
  readonly claimWaitMs: number;
}

export class ServiceConnections {
  private readonly graceTimers = new Map<string, Timer>();
  private readonly claimTimers = new Set<Timer>();
  /** Tasks from before the start of the engine that may be claimed. */
  private restored: Assignment[] = [];

  constructor(private readonly options: ServiceConnectionsOptions) {}

  connected(connection: ServiceConnection): void {
    const { connections, available, dispatcher } = this.options;
    const { serviceId } = connection;
    connections.add(connection);
    this.endGrace(serviceId);
    dispatcher.opened(connection);
    this.options.cancellations.askAbout(connection);
    if (available.has(serviceId)) return;
    available.add(serviceId);
    this.options.users.advance(serviceId);
  }

  /** Idempotent. Tasks under way on the connection are sent over another one, or pause after the grace period. */
  disconnected(connection: ServiceConnection): void {
    const { connections, dispatcher, disconnectGraceMs } = this.options;
    if (!connections.remove(connection)) return;
    const claimable = dispatcher.closed(connection);
    this.options.held.closed(connection);
    this.startGrace(connection.serviceId);
    if (claimable.length > 0) this.awaitClaims(claimable, disconnectGraceMs);
  }

  /** The connection refused messages because its buffer was full, and has room again. */
  writable(connection: ServiceConnection): void {
    const { connections, dispatcher } = this.options;
    if (!connections.has(connection)) return;
    dispatcher.fill(connection);
    this.options.cancellations.writable(connection);
  }

  /**
   * Resolves when the message may be acknowledged: what it reports is committed (E1), or was committed before, or has no
   * meaning here. Rejects when it could not be stored: then it must not be acknowledged. Messages of one connection must
   * be handed over in the order received.
   */
  received(connection: ServiceConnection, message: ServiceMessage): Promise<void> {
    if (message.type === 'pong' || message.idempotencyKey === undefined) return Promise.resolve();
    const { assignments } = this.options;
    const assignment = assignments.find(connection.serviceId, message.idempotencyKey);
    if (assignment) return this.receivedFor(assignment, connection, message);
    // An update cannot change anything any more.
    if (message.type === 'task_interim_result') return Promise.resolve();
    return this.whileLive(connection, message.idempotencyKey, (found) => this.receivedFor(found, connection, message));
  }

  /** A message for a known key that cannot be read: the attempt fails with this error. Resolves as `received` does. */
  malformed(connection: ServiceConnection, idempotencyKey: string, error: string): Promise<void> {
    const { assignments, loop, dispatcher } = this.options;
    const fail = (assignment: Assignment): Promise<void> => {
      assignment.avoided = connection;
      const holders = dispatcher.holdersFor(assignment, connection);
      return loop.execute(assignment.orchestration, malformedCommand(assignment, error, holders));
    };
    const assignment = assignments.find(connection.serviceId, idempotencyKey);
    return assignment ? fail(assignment) : this.whileLive(connection, idempotencyKey, fail);
  }

  private receivedFor(assignment: Assignment, connection: ServiceConnection, message: ServiceMessage): Promise<void> {
    const { loop, dispatcher } = this.options;
    const isStatus = message.type === 'task_status';
    const isRunning = isStatus && (message.status === undefined || message.status === 'in_progress');
    if (isRunning && assignment.kind === 'task') this.claimed(assignment, connection);
    if (!isRunning && message.type !== 'task_interim_result') {
      this.options.cancellations.ended(connection, assignment.key);
    }
    const command = responseCommand(assignment, message, dispatcher.holdersFor(assignment, connection));
    if (!command) return Promise.resolve();
    if (command.kind === 'task_result' && command.outcome.kind === 'failed') assignment.avoided = connection;
    return loop.execute(assignment.orchestration, command);
  }

  private claimed(assignment: Assignment, connection: ServiceConnection): void {
    const { dispatcher, cancellations } = this.options;
    const isNews = dispatcher.claim(assignment, connection);
    if (!isUnwanted(assignment)) return;
    // Nothing is open of a key that was settled elsewhere while this connection was closed: its service does not know it.
    const isSettled = dispatcher.holdersFor(assignment, connection).own.size === 0;
    if (isNews || isSettled) cancellations.askOnce(connection, assignment);
  }

  /** Loads the orchestration of a late message (E10); the message has no meaning if the key is not known (any more). */
  private async whileLive(
    connection: ServiceConnection,
    key: string,
    act: (assignment: Assignment) => Promise<void>,
  ): Promise<void> {
    const { live, logger } = this.options;
    const { serviceId, projectId } = connection;
    if (!(await live.withKey(projectId, serviceId, key, act))) {
      logger.debug('message for a key that is not known', { serviceId });
    }
  }

  /** Gives a service that has work the grace period to connect, after the engine itself started. */
  holdForReconnect(serviceId: string): void {
    const { available } = this.options;
    if (available.has(serviceId)) return;
    available.add(serviceId);
    this.startGrace(serviceId);
  }

  /** After the engine itself started, a running task waits for its holder to claim it (E12). */
  holdForClaim(assignment: Assignment): void {
    assignment.awaitsClaim = true;
    this.restored.push(assignment);
    if (this.restored.length > 1) return;
    const { restored } = this;
    this.awaitClaims(restored, this.options.claimWaitMs);
  }

  close(): void {
    for (const timer of this.graceTimers.values()) timer.clear();
    for (const timer of this.claimTimers) timer.clear();
  }

  private awaitClaims(assignments: readonly Assignment[], waitMs: number): void {
    const { clock, dispatcher } = this.options;
    const timer = clock.setTimer(waitMs, () => {
      this.claimTimers.delete(timer);
      if (assignments === this.restored) this.restored = [];
      for (const assignment of assignments) dispatcher.unclaimed(assignment);
    });
    this.claimTimers.add(timer);
  }

  private startGrace(serviceId: ServiceConnection['serviceId'] | string): void {
    const { connections, available, dispatcher, clock, logger, disconnectGraceMs } = this.options;
    this.endGrace(serviceId);
    const timer = clock.setTimer(disconnectGraceMs, () => {
      this.graceTimers.delete(serviceId);
      // If another replica is connected, it takes over what the lost one had.
      const tasks = dispatcher.placeUnsent(serviceId);
      if (connections.isConnected(serviceId as ServiceConnection['serviceId'])) return;
      available.delete(serviceId);
      logger.info('service is away, its tasks are paused', { serviceId, tasks });
      this.options.users.advance(serviceId);
    });
    this.graceTimers.set(serviceId, timer);
  }

  private endGrace(serviceId: string): void {
    this.graceTimers.get(serviceId)?.clear();
    this.graceTimers.delete(serviceId);
  }
}

/** Its orchestration is over, or another connection completed it. */
const isUnwanted = ({ orchestration, task }: Assignment): boolean =>
  isTerminalStatus(orchestration.state.status) || task?.phase.kind === 'completed';

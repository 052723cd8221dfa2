/**
 * Hands committed work to connections, and remembers what is out. A service counts as available while it is connected
 * and for a short grace after its last connection was lost, so that a reconnect finds its work where it was. Work whose
 * connection is gone goes to the next one that opens: most likely the same process, which knows the keys.
 */
import { toError, type Clock, type Logger, type Timer } from '@orra-ts/common';
import type { EngineMessage } from '@orra-ts/protocol';
import { Connections, type ServiceConnection } from '../dispatch/connections';
import type { OpenOrchestration } from './open-orchestration';

/** One task or compensation that a service has, or is to get. */
export interface Dispatch {
  readonly key: string;
  readonly kind: 'task' | 'compensation';
  readonly orchestration: OpenOrchestration;
  readonly taskId: string;
  readonly serviceId: string;
  /** Set while it is out: sent, or waiting for a connection. */
  waiting: boolean;
  connection: ServiceConnection | undefined;
}

interface Line {
  /** False once the grace is over: its work is paused. */
  available: boolean;
  graceTimer: Timer | undefined;
  /** Work that waits for a connection. */
  readonly unsent: Set<Dispatch>;
  /** Orchestrations whose plans use this service. */
  readonly users: Set<OpenOrchestration>;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly disconnectGraceMs: number;
  /** The message for a dispatch as things stand; undefined when it is no longer wanted (E4). */
  readonly messageFor: (dispatch: Dispatch, connection: ServiceConnection) => EngineMessage | undefined;
  /** Nothing can send it, now or later. */
  readonly onUnsendable: (dispatch: Dispatch, error: Error) => void;
  /** A service has come or gone: what is due for its orchestrations has changed. */
  readonly onAvailability: (orchestrations: readonly OpenOrchestration[]) => void;
}

export class Dispatcher {
  private readonly connections = new Connections();
  private readonly lines = new Map<string, Line>();
  private readonly sentOver = new Map<ServiceConnection, Set<Dispatch>>();

  constructor(private readonly options: DispatcherOptions) {}

  isAvailable = (serviceId: string): boolean => this.lines.get(serviceId)?.available === true;

  /** Before the first connection after a start: services get the grace to come back before their work is paused. */
  expect(serviceId: string): void {
    const line = this.line(serviceId);
    if (line.available) return;
    line.available = true;
    this.startGrace(serviceId, line);
  }

  use(orchestration: OpenOrchestration, serviceId: string): void {
    this.line(serviceId).users.add(orchestration);
  }

  forget(orchestration: OpenOrchestration): void {
    for (const { plan } of orchestration.state.tasks.values())
      this.lines.get(plan.serviceId)?.users.delete(orchestration);
    for (const dispatch of orchestration.dispatches.values()) this.release(dispatch);
  }

  connected(connection: ServiceConnection): void {
    const { serviceId } = connection;
    const line = this.line(serviceId);
    this.connections.add(connection);
    this.sentOver.set(connection, new Set());
    line.graceTimer?.clear();
    line.graceTimer = undefined;
    this.sendUnsent(connection, line);
    if (line.available) return;
    line.available = true;
    this.options.onAvailability([...line.users]);
  }

  disconnected(connection: ServiceConnection): void {
    if (!this.connections.remove(connection)) return;
    const { serviceId } = connection;
    const line = this.line(serviceId);
    for (const dispatch of this.sentOver.get(connection) ?? []) {
      dispatch.connection = undefined;
      line.unsent.add(dispatch);
    }
    this.sentOver.delete(connection);
    this.startGrace(serviceId, line);
  }

  /** It takes work again, after it had refused some. */
  writable(connection: ServiceConnection): void {
    if (this.sentOver.has(connection)) this.sendUnsent(connection, this.line(connection.serviceId));
  }

  /** Sends it now or as soon as there is a connection that takes it. */
  send(dispatch: Dispatch): void {
    this.release(dispatch);
    dispatch.waiting = true;
    const line = this.line(dispatch.serviceId);
    line.unsent.add(dispatch);
    this.place(dispatch, line);
  }

  /** It has an outcome, or waits for its next attempt: nothing of it is out. */
  release(dispatch: Dispatch): void {
    if (!dispatch.waiting) return;
    dispatch.waiting = false;
    this.lines.get(dispatch.serviceId)?.unsent.delete(dispatch);
    const { connection } = dispatch;
    if (!connection) return;
    dispatch.connection = undefined;
    connection.load--;
    this.sentOver.get(connection)?.delete(dispatch);
  }

  close(): void {
    for (const line of this.lines.values()) line.graceTimer?.clear();
  }

  private sendUnsent(connection: ServiceConnection, line: Line): void {
    for (const dispatch of [...line.unsent]) if (!this.sendOver(connection, dispatch, line)) return;
  }

  /** Over the least busy connection, or over another one if that is closing or full. */
  private place(dispatch: Dispatch, line: Line): void {
    const serviceId = dispatch.serviceId as ServiceConnection['serviceId'];
    const best = this.connections.pick(serviceId);
    if (!best || this.sendOver(best, dispatch, line)) return;
    for (const other of this.connections.of(serviceId)) {
      if (other !== best && this.sendOver(other, dispatch, line)) return;
    }
  }

  /** False when the connection takes nothing: it is full and says when it has room again, or it is about to be lost. */
  private sendOver(connection: ServiceConnection, dispatch: Dispatch, line: Line): boolean {
    const message = this.options.messageFor(dispatch, connection);
    if (!message) {
      this.release(dispatch);
      return true;
    }
    try {
      if (!connection.send(message)) return false;
    } catch (error) {
      this.release(dispatch);
      this.options.onUnsendable(dispatch, toError(error));
      return true;
    }
    line.unsent.delete(dispatch);
    dispatch.connection = connection;
    connection.load++;
    this.sentOver.get(connection)?.add(dispatch);
    return true;
  }

  private startGrace(serviceId: string, line: Line): void {
    line.graceTimer?.clear();
    line.graceTimer = this.options.clock.setTimer(this.options.disconnectGraceMs, () => {
      line.graceTimer = undefined;
      if (this.connections.isConnected(serviceId as ServiceConnection['serviceId'])) {
        // Another replica is there: it takes over what the lost one had.
        for (const dispatch of [...line.unsent]) this.place(dispatch, line);
        return;
      }
      line.available = false;
      this.options.logger.info('service is away, its tasks are paused', { serviceId, tasks: line.unsent.size });
      this.options.onAvailability([...line.users]);
    });
  }

  private line(serviceId: string): Line {
    let line = this.lines.get(serviceId);
    if (!line) {
      line = { available: false, graceTimer: undefined, unsent: new Set(), users: new Set() };
      this.lines.set(serviceId, line);
    }
    return line;
  }
}

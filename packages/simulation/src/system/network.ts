/** Dialling, HTTP and WebSocket messages between the replicas and the engine, and what an observer sees of them. */
import { COMMON_ERRORS, errorBuilder, type HttpTransport, type OrraError } from '@orra-ts/common';
import { CAPABILITIES_HEADER, encodeCapabilities, type ServiceRegistration } from '@orra-ts/protocol';
import type { Connect } from '@orra-ts/sdk/internal';
import type { ProcessScope } from '../kernel/process-scope';
import type { Direction } from '../spec/world-spec';
import type { Scheduler } from '../kernel/scheduler';
import type { Trace } from '../kernel/trace';
import { Connection, type ConnectionListener } from './connection';
import type { EngineProcess } from './engine-process';
import type { Link } from './link';

/** The output of a message that no handler sent. */
export const FORGED_OUTPUT = 'forged';

const serviceOf = (replica: string): string => replica.split('/')[0] ?? '';

const HEALTH_HEADERS = { [CAPABILITIES_HEADER.toLowerCase()]: encodeCapabilities(['identityByName']) };

const commonError = errorBuilder(COMMON_ERRORS);
const unreachable = (): OrraError => commonError('ORRA_UNREACHABLE', 'connection refused');

/** What an observer of the network sees. */
export interface NetworkObserver extends Pick<ConnectionListener, 'sent' | 'arrived'> {
  /** The engine has opened a session on it. */
  accepted(connection: Connection): void;
  /** The engine sees it end. Not called when the engine crashes. */
  ended(connection: Connection): void;
}

export class Network {
  readonly open = new Set<Connection>();
  /** Keys of tasks that were sent to services, newest last, each with its service. */
  private readonly taskKeys: { readonly service: string; readonly key: string; readonly taskId: string }[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly trace: Trace,
    private readonly engine: EngineProcess,
    private readonly observer: NetworkObserver,
  ) {}

  connectFrom(scope: ProcessScope, link: Link): Connect {
    return ({ serviceId, handshakeTimeoutMs }) =>
      new Promise((resolve) => {
        const timer = scope.schedule(handshakeTimeoutMs, () => resolve({ kind: 'unreachable', reason: 'ETIMEDOUT' }));
        const respond = (outcome: Awaited<ReturnType<Connect>>): void => {
          scope.schedule(link.latencyMs(), () => {
            timer.clear();
            resolve(outcome);
          });
        };
        const refused = (): void => respond({ kind: 'unreachable', reason: 'ECONNREFUSED' });
        this.atEngine(link, refused, () => {
          const connection = new Connection(link, scope, this.engine.scope, this.scheduler, {
            sent: (...message) => this.sent(...message),
            arrived: (...message) => this.observer.arrived(...message),
            ended: (ended, end, code) => this.ended(ended, end, code),
          });
          if (!this.engine.accept(connection, serviceId)) return respond({ kind: 'refused', status: 500 });
          this.trace.add(scope.name, 'is connected');
          this.open.add(connection);
          this.observer.accepted(connection);
          respond({ kind: 'open', socket: connection.engineSocket });
        });
      });
  }

  transportFrom(scope: ProcessScope, link: Link): HttpTransport {
    return {
      request: ({ method, url, body, timeoutMs = 10_000 }) =>
        new Promise((resolve, reject) => {
          const timer = scope.schedule(timeoutMs, () => reject(unreachable()));
          const respond = (run: () => void): void => {
            scope.schedule(link.latencyMs(), () => {
              timer.clear();
              run();
            });
          };
          const refuse = (): void => respond(() => reject(unreachable()));
          this.atEngine(link, refuse, () => {
            // Before its first registration an SDK asks whether names identify services.
            if (method === 'GET') return respond(() => resolve({ status: 200, headers: HEALTH_HEADERS, text: '{}' }));
            const kind = url.endsWith('/agent') ? 'agent' : 'service';
            this.engine
              .register(kind, body as ServiceRegistration)
              .then(
                (registered) => respond(() => resolve({ status: 200, headers: {}, text: JSON.stringify(registered) })),
                refuse,
              );
          });
        }),
    };
  }

  /** Sends a success for the newest key of another service over a connection of this one. */
  forge(replica: string, names: 'own' | 'other'): void {
    const connection = this.of(replica).findLast(({ isOpen }) => isOpen);
    const foreign = this.taskKeys.findLast(({ service }) => service !== serviceOf(replica));
    if (!connection || !foreign) return;
    const { key, taskId, service } = foreign;
    const payload = {
      type: 'task_result',
      taskId,
      executionId: 'e_forged',
      serviceId: this.engine.serviceId(names === 'own' ? serviceOf(replica) : service) ?? 's_forged',
      idempotencyKey: key,
      result: { task: { charge: FORGED_OUTPUT }, compensation: null },
      error: null,
    };
    connection.engineSocket.send(JSON.stringify({ id: 'forged', payload }));
  }

  cut(replica: string): void {
    for (const connection of this.of(replica)) connection.cut();
  }

  /** The process or the machine of a replica is dead. */
  lost(replica: string, silentMs: number): void {
    for (const connection of this.of(replica)) {
      connection.lost('service', silentMs);
      this.open.delete(connection);
    }
  }

  /** Arrives at the engine, when that is not frozen, or is refused where no engine is. */
  private atEngine(link: Link, refused: () => void, run: () => void): void {
    this.scheduler.schedule(link.latencyMs(), () => {
      if (this.engine.core) this.engine.scope.schedule(0, run);
      else refused();
    });
  }

  private sent(connection: Connection, direction: Direction, text: string): void {
    if (direction === 'to-service') {
      const { type, id, idempotencyKey } = JSON.parse(text) as { type: string; id: string; idempotencyKey: string };
      const service = serviceOf(connection.link.replica);
      if (type === 'task_request') this.taskKeys.push({ service, key: idempotencyKey, taskId: id });
    }
    this.observer.sent(connection, direction, text);
  }

  private of(replica: string): Connection[] {
    return [...this.open].filter(({ link }) => link.replica === replica);
  }

  private ended(connection: Connection, end: 'engine' | 'service', code: number): void {
    this.trace.add(
      end === 'engine' ? 'engine' : connection.service.name,
      'connection closes',
      `${connection.link.replica} (${code})`,
    );
    if (end === 'engine') this.observer.ended(connection);
    if (!connection.engineOpen && !connection.serviceOpen) this.open.delete(connection);
  }
}

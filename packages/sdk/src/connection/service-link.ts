/**
 * The link of one service to the engine. It registers, connects and serves, and starts over whenever the connection
 * ends (L1). Only the loop in `run` decides the next step.
 */
import { assertNever, describeThrown, type EngineAddress, OrraError } from '@orra-ts/common';
import {
  CLOSE_MESSAGE_TOO_BIG,
  parseEngineMessage,
  readAckId,
  type CompensationRequest,
  type ServiceRegistered,
  type TaskCancel,
  type TaskRequest,
} from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import { sdkError } from '../errors';
import { announcedCapabilities } from './announced-capabilities';
import type { ConnectionContext } from './connection-context';
import type { EngineSocket } from './engine-socket';
import { encodePong } from '../outbox/encode-envelope';
import { announces } from './announced-by-engine';
import type { LinkState } from './link-state';
import type { Outbox } from '../outbox/outbox';
import { register, wrongKey } from './registration';

export interface LinkListener {
  onRequest(request: TaskRequest | CompensationRequest): void;
  onCancel(request: TaskCancel): void;
  /** The engine accepted a registration; `first` is false for every later one. */
  onRegistered(registered: ServiceRegistered, first: boolean): void;
  onConnected(): void;
  /** The engine closed the connection because a message was over its limit (1009). */
  onMessageTooBig(): void;
  /** The engine refuses this service. The link keeps retrying. */
  onRejected(error: OrraError): void;
}

type Unreachable = { readonly kind: 'unreachable'; readonly reason: string };
type Rejected = { readonly kind: 'rejected'; readonly error: OrraError };
type Registered = { readonly kind: 'registered'; readonly service: ServiceRegistered };

type Attempt =
  | { readonly kind: 'open'; readonly socket: EngineSocket; readonly registered: ServiceRegistered }
  /** `close` ended it early. */
  | { readonly kind: 'again' }
  | Unreachable
  | Rejected;

/** A connection that was open for this long resets the back-off. */
const STABLE_MS = 10_000;
const NORMAL_CLOSURE = 1_000;

export class ServiceLink {
  private state: LinkState = { kind: 'idle', registered: undefined };
  private mustRegister = true;
  private readonly stopping = new AbortController();
  private finished: Promise<void> | undefined;

  constructor(
    private readonly definition: ServiceDefinition,
    private readonly outbox: Outbox,
    private readonly context: ConnectionContext,
    private readonly listener: LinkListener,
  ) {}

  get status(): LinkState['kind'] {
    return this.state.kind;
  }

  /** The last registration; undefined before the first. */
  get registered(): ServiceRegistered | undefined {
    return this.state.registered;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  start(): void {
    this.finished ??= this.run().catch((error: unknown) => {
      this.context.logger.error('link ended by a defect', {
        service: this.definition.name,
        error: describeThrown(error),
      });
    });
  }

  /** Resolves when everything that the engine had sent until now has arrived; at once while not connected. */
  roundTrip(): Promise<void> {
    return this.state.kind === 'connected' ? this.state.socket.roundTrip() : Promise.resolve();
  }

  /** Ends the link for good: cancels any attempt, and closes an open socket with a close frame. */
  async close(): Promise<void> {
    this.stopping.abort();
    if (this.state.kind === 'connected') this.state.socket.close(NORMAL_CLOSURE);
    await this.finished;
    this.state = { kind: 'closed', registered: this.registered };
  }

  private async run(): Promise<void> {
    const { governor } = this.context;
    const { signal } = this.stopping;
    for (let retry = 0; !this.isStopping();) {
      const attempt = await governor.attempt(() => this.attempt());
      if (this.isStopping()) {
        if (attempt.kind === 'open') attempt.socket.close(NORMAL_CLOSURE);
        return;
      }
      switch (attempt.kind) {
        case 'open': {
          const heldMs = await this.serve(attempt.socket, attempt.registered);
          retry = heldMs >= STABLE_MS ? 0 : retry + 1;
          break;
        }
        case 'again':
          retry++;
          break;
        case 'unreachable':
          retry++;
          this.state = { kind: 'waiting', reason: attempt.reason, registered: this.registered };
          this.context.reportUnreachable(this.definition.name, attempt.reason);
          break;
        case 'rejected':
          retry++;
          this.state = { kind: 'rejected', error: attempt.error, registered: this.registered };
          this.listener.onRejected(attempt.error);
          break;
        default:
          return assertNever(attempt, 'attempt');
      }
      await governor.wait(Math.max(0, retry - 1), signal);
    }
  }

  private async attempt(): Promise<Attempt> {
    const { signal } = this.stopping;
    if (signal.aborted) return { kind: 'again' };
    let address: EngineAddress;
    try {
      // Read for each attempt, so that a rotated key is used without a restart.
      address = await this.context.address();
    } catch (error) {
      return { kind: 'unreachable', reason: describeThrown(error) };
    }
    let { registered } = this;
    if (this.mustRegister || !registered) {
      this.state = { kind: 'registering', registered };
      const outcome = await this.register(address);
      if (outcome.kind !== 'registered') return outcome;
      const first = registered === undefined;
      registered = outcome.service;
      this.mustRegister = false;
      this.state = { kind: 'connecting', registered };
      this.listener.onRegistered(registered, first);
    } else this.state = { kind: 'connecting', registered };
    const { id, capabilities } = registered;
    const outcome = await this.context.connect(
      {
        ...address,
        serviceId: id,
        headerAuth: capabilities?.headerAuth === true,
        capabilities: capabilities ? announcedCapabilities(this.definition) : [],
        handshakeTimeoutMs: this.context.timings.handshakeTimeoutMs,
      },
      signal,
    );
    if (outcome.kind === 'open') return { ...outcome, registered };
    if (outcome.kind === 'unreachable') return outcome;
    // Registration finds the reason: an invalid key, or an engine that does not know this service.
    this.mustRegister = true;
    if (outcome.status === 401 || outcome.status === 403) {
      return { kind: 'rejected', error: wrongKey(address.url, outcome.status) };
    }
    return { kind: 'unreachable', reason: `it refuses the WebSocket with ${outcome.status}` };
  }

  private async register(address: EngineAddress): Promise<Registered | Unreachable | Rejected> {
    const { identity, transport, timings, logger } = this.context;
    const { name } = this.definition;
    const { signal } = this.stopping;
    try {
      const target = { ...address, timeoutMs: timings.httpTimeoutMs };
      let id =
        this.registered?.id ??
        (await identity.load(name, address, () => announces('identityByName', transport, target, signal)));
      let outcome = await register(transport, target, this.definition, id, signal);
      if (outcome.kind === 'stale_id' && id !== undefined) {
        logger.warn('the engine does not know the id of this service, registering it anew', { service: name, id });
        id = undefined;
        outcome = await register(transport, target, this.definition, id, signal);
      }
      switch (outcome.kind) {
        case 'unreachable':
          return outcome;
        case 'refused':
          return { kind: 'rejected', error: outcome.error };
        case 'stale_id':
          return {
            kind: 'rejected',
            error: sdkError(
              'ORRA_REGISTRATION_REFUSED',
              `the engine reports an unknown id for \`${name}\`, but the request had no id`,
            ),
          };
        case 'registered': {
          const { service } = outcome;
          if (service.id !== id) {
            await identity.save(name, address, service.id, service.capabilities?.identityByName === true);
          }
          return outcome;
        }
        default:
          return assertNever(outcome, 'registration outcome');
      }
    } catch (error) {
      if (error instanceof OrraError && error.code === 'ORRA_UNREACHABLE') {
        return { kind: 'unreachable', reason: error.message };
      }
      // The identity store failed (damaged file, full disk). Registration without an id would leave an orphan in every
      // plan (I1).
      const refusal = error as OrraError;
      return { kind: 'rejected', error: refusal };
    }
  }

  /** Serves until the socket closes. Resolves with the time it was open, in milliseconds. */
  private serve(socket: EngineSocket, registered: ServiceRegistered): Promise<number> {
    const { clock, logger } = this.context;
    const openedAt = clock.now();
    const { id, capabilities } = registered;
    const pong = encodePong(id);
    const watchdogMs = this.context.watchdogMs(capabilities);
    const watch = (): void => {
      const quietMs = clock.now() - connected.lastPingAt;
      if (quietMs >= watchdogMs) {
        logger.warn('no ping from the engine, replacing the connection', { service: this.definition.name, quietMs });
        socket.terminate();
      } else connected.watchdog = clock.setTimer(watchdogMs - quietMs, watch, { unref: true });
    };
    const connected: LinkState & { kind: 'connected' } = {
      kind: 'connected',
      registered,
      socket,
      lastPingAt: openedAt,
      watchdog: clock.setTimer(watchdogMs, watch, { unref: true }),
    };
    this.state = connected;
    return new Promise((resolve) => {
      socket.listen(
        (text) => {
          // Half of the messages are ACKs; the link reads them without decoding JSON.
          const ackId = readAckId(text);
          if (ackId !== undefined) this.outbox.acknowledge(ackId);
          else if (this.receive(text) === 'ping') {
            connected.lastPingAt = clock.now();
            socket.send(pong);
          }
        },
        (code) => {
          connected.watchdog.clear();
          this.outbox.disconnected();
          // Reduce the limit before the next connection, which the engine would close for the same message.
          if (code === CLOSE_MESSAGE_TOO_BIG) this.listener.onMessageTooBig();
          this.state = { kind: 'waiting', reason: `the connection was closed (${code})`, registered };
          if (!this.stopping.signal.aborted && logger.isEnabled('info')) {
            logger.info('connection closed, reconnecting', { service: this.definition.name, code });
          }
          resolve(clock.now() - openedAt);
        },
      );
      this.outbox.connected(id, socket.send);
      this.context.governor.reachable();
      this.listener.onConnected();
    });
  }

  private receive(text: string): 'ping' | undefined {
    const parsed = parseEngineMessage(text);
    if (!parsed.ok) {
      const { code, path, message, about } = parsed.error;
      this.context.logger.warn('message of the engine ignored', {
        service: this.definition.name,
        problem: code === 'unknown_type' ? `${message}: a newer engine?` : `${path || 'message'}: ${message}`,
        ...about,
      });
      return undefined;
    }
    const message = parsed.value;
    switch (message.type) {
      case 'ping':
        return 'ping';
      case 'ACK':
        this.outbox.acknowledge(message.id);
        return undefined;
      case 'task_request':
      case 'compensation_request':
        this.listener.onRequest(message);
        return undefined;
      case 'task_cancel':
        this.listener.onCancel(message);
        return undefined;
      default:
        return assertNever(message, 'engine message');
    }
  }
}

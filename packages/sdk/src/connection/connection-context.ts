/** Shared by all links of an application. */
import type { Clock, EngineAddress, HttpTransport, Logger } from '@orra-ts/common';
import type { EngineCapabilities, RandomBytes } from '@orra-ts/protocol';
import type { IdentityStore } from '../identity/identity-store';
import type { Connect } from './engine-socket';
import type { ReconnectGovernor } from './reconnect-governor';

export interface ConnectionTimings {
  /** An outcome without an ACK is sent again after this long. */
  readonly ackTimeoutMs: number;
  /** Base of the reconnect back-off, which doubles with each attempt and has full jitter. */
  readonly reconnectBaseMs: number;
  readonly reconnectCapMs: number;
  readonly handshakeTimeoutMs: number;
  readonly httpTimeoutMs: number;
  /** Ping period of an engine that does not announce one. */
  readonly pingIntervalMs: number;
}

export interface ConnectionContext {
  readonly transport: HttpTransport;
  readonly governor: ReconnectGovernor;
  readonly identity: IdentityStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: ConnectionTimings;
  /** Opens sockets. */
  readonly connect: Connect;
  readonly randomBytes: RandomBytes;
  /** Called before every attempt. */
  address(): EngineAddress | Promise<EngineAddress>;
  /** A link without a ping for this long is dead (L2). */
  watchdogMs(capabilities: EngineCapabilities | undefined): number;
  reportUnreachable(service: string, reason: string): void;
}

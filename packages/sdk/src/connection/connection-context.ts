/** What all links of an app share. */
import type { Clock, EngineAddress, HttpTransport, Logger } from '@orra-ts/common';
import type { EngineCapabilities, RandomBytes } from '@orra-ts/protocol';
import type { IdentityStore } from '../identity/identity-store';
import type { Connect } from './engine-socket';
import type { ReconnectGovernor } from './reconnect-governor';

export interface ConnectionTimings {
  /** An outcome without an ACK is sent again after this long. */
  readonly ackTimeoutMs: number;
  /** First wait before another attempt; doubled for each further one, and varied by full jitter. */
  readonly reconnectBaseMs: number;
  readonly reconnectCapMs: number;
  readonly handshakeTimeoutMs: number;
  readonly httpTimeoutMs: number;
  /** Assumed period of the engine's pings where it announces none. */
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
  /** Asked before every attempt. */
  address(): EngineAddress | Promise<EngineAddress>;
  /** Silence of the engine that means a dead link (L2). */
  watchdogMs(capabilities: EngineCapabilities | undefined): number;
  reportUnreachable(service: string, reason: string): void;
}

/** The state of a service's link. Each phase has its own members, so that no other phase can use them. */
import type { OrraError, Timer } from '@orra-ts/common';
import type { ServiceRegistered } from '@orra-ts/protocol';
import type { EngineSocket } from './engine-socket';

/** The last registration, kept between connections: its id is sent with the next one. Undefined before the first. */
interface Remembered {
  readonly registered: ServiceRegistered | undefined;
}

export type LinkState =
  /** Not started. */
  | { readonly kind: 'idle'; readonly registered: undefined }
  /** Requests its id from the engine. */
  | ({ readonly kind: 'registering' } & Remembered)
  /** Has an id, opens its socket. */
  | { readonly kind: 'connecting'; readonly registered: ServiceRegistered }
  /** Receives tasks. */
  | {
      readonly kind: 'connected';
      readonly registered: ServiceRegistered;
      readonly socket: EngineSocket;
      watchdog: Timer;
      lastPingAt: number;
    }
  /** The engine is unavailable: the link retries by itself. */
  | ({ readonly kind: 'waiting'; readonly reason: string } & Remembered)
  /** The engine refuses this service: the link retries by itself, but an operator has to find out why. */
  | ({ readonly kind: 'rejected'; readonly error: OrraError } & Remembered)
  /** Drained and closed. */
  | ({ readonly kind: 'closed' } & Remembered);

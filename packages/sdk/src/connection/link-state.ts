/** Where one service's link stands. Each phase holds what belongs to it, so that no other phase can use it. */
import type { OrraError, Timer } from '@orra-ts/common';
import type { EngineSocket } from './engine-socket';

export type LinkState =
  /** Not started. */
  | { readonly kind: 'idle' }
  /** Asks the engine for its id. */
  | { readonly kind: 'registering' }
  /** Has an id, opens its socket. */
  | { readonly kind: 'connecting' }
  /** Gets tasks. */
  | { readonly kind: 'connected'; readonly socket: EngineSocket; watchdog: Timer; lastPingAt: number }
  /** The engine cannot be reached: tries again by itself. */
  | { readonly kind: 'waiting'; readonly reason: string }
  /** The engine refuses this service: tries again by itself, but somebody has to look. */
  | { readonly kind: 'rejected'; readonly error: OrraError }
  /** Drained and done. */
  | { readonly kind: 'closed' };

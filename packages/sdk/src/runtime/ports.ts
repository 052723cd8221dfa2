/** Access to the network and to the system's random bytes. Tests and simulations replace it; applications do not. */
import { randomBytes } from 'node:crypto';
import type { RandomBytes } from '@orra-ts/protocol';
import { openSocket, type Connect } from '../connection/engine-socket';

export interface SdkPorts {
  /** Opens the WebSocket of a service. */
  readonly connect: Connect;
  readonly randomBytes: RandomBytes;
}

export const systemPorts: SdkPorts = { connect: openSocket, randomBytes };

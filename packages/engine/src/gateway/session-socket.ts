/** The socket members that a session uses, as ports: a simulation replaces the network here. `ws` and Node satisfy them. */

/** The WebSocket of a session. */
export interface SessionWebSocket {
  /** As in the WebSocket standard: 1 is open. */
  readonly readyState: number;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  send(text: string): void;
  /** Sends a protocol ping. */
  ping(): void;
  close(code?: number, reason?: string): void;
  /** Ends the connection without a close frame. */
  terminate(): void;
  /** Stops reading until `resume`. */
  pause(): void;
  resume(): void;
}

/** The stream below the WebSocket. Writes between `cork` and `uncork` leave together. */
export interface SessionStream {
  cork(): void;
  uncork(): void;
  once(event: 'drain', listener: () => void): unknown;
}

/** `readyState` of an open WebSocket. */
export const OPEN = 1;

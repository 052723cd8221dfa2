/** A WebSocket client that keeps what it receives and can wait for the next of it. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import type { Json } from './json';

/** What an engine answers instead of an upgrade. */
export interface Refused {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export class TestSocket {
  private readonly received: Json[] = [];
  private readonly waiters: (() => void)[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  headers: IncomingMessage['headers'] = {};

  private constructor(readonly webSocket: WebSocket) {
    webSocket.on('upgrade', ({ headers }) => (this.headers = headers));
    webSocket.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()));
      this.wake();
    });
    webSocket.on('error', () => undefined);
    webSocket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
  }

  static async open(url: string, options: ClientOptions = {}): Promise<TestSocket> {
    const socket = new TestSocket(new WebSocket(url, { perMessageDeflate: true, ...options }));
    await once(socket.webSocket, 'open');
    return socket;
  }

  /** The answer to an upgrade that must be refused. */
  static refused(url: string, options: ClientOptions = {}): Promise<Refused> {
    return new Promise((resolve, reject) => {
      const webSocket = new WebSocket(url, options);
      webSocket.on('error', () => undefined);
      webSocket.on('open', () => {
        webSocket.terminate();
        reject(new Error('the upgrade was accepted'));
      });
      webSocket.on('unexpected-response', (_, response: IncomingMessage) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
    });
  }

  send(message: unknown): void {
    this.webSocket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Everything received and not asked for yet, once there are so many. */
  async next(count = 1): Promise<Json[]> {
    while (this.received.length < count && !this.closed)
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    return this.received.splice(0, count);
  }

  /**
   * Received before two further messages, one after the other, are answered: tells silence from slowness. The answer to
   * the first may overtake ACKs that are being committed in the same turn.
   */
  async untilAnswered(serviceId: string): Promise<Json[]> {
    const received: Json[] = [];
    for (const id of ['fence-1', 'fence-2']) {
      this.send({ id, payload: { type: 'pong', serviceId } });
      for (;;) {
        const [message] = await this.next();
        if (message === undefined) throw new Error('closed before the answer');
        if (message.type === 'ACK' && message.id === id) break;
        received.push(message);
      }
    }
    return received;
  }

  /** Takes the ACK of a message out of what was received, once it is there. */
  async acknowledged(id: string): Promise<void> {
    for (;;) {
      const index = this.received.findIndex((message) => message.type === 'ACK' && message.id === id);
      if (index !== -1) return void this.received.splice(index, 1);
      if (this.closed) throw new Error('closed before the ACK');
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    while (!this.closed) await new Promise<void>((resolve) => this.waiters.push(resolve));
    return this.closed;
  }

  close(): void {
    this.webSocket.close();
  }

  private wake(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}

/** Sends the response to one request of a `FakeModel`, complete or not. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { whenAborted } from '@orra-ts/common';
import type { ModelHttpResponse } from './model-response';

export class ModelExchange {
  /** Aborts when the client disconnects before the response is complete. */
  readonly signal: AbortSignal;
  /** Resolves when `signal` aborts. Never resolves when the response was complete. */
  readonly aborted: Promise<void>;
  private isCut = false;

  constructor(private readonly response: ServerResponse) {
    const disconnected = new AbortController();
    this.signal = disconnected.signal;
    this.aborted = whenAborted(disconnected.signal);
    // Writing to a disconnected client fails. The event `close` follows and handles it.
    response.on('error', () => undefined);
    response.once('close', () => {
      if (!response.writableFinished && !this.isCut) disconnected.abort(new Error('the client has disconnected'));
    });
  }

  send({ status, headers, body }: ModelHttpResponse): void {
    if (this.signal.aborted) return;
    this.response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    this.response.end(body);
  }

  /** Announces the length of the whole body, sends its first half, and breaks the connection. */
  cut({ status, headers, body }: ModelHttpResponse): void {
    if (this.signal.aborted) return;
    const bytes = Buffer.from(body);
    this.response.writeHead(status, { ...headers, 'content-length': bytes.length });
    this.isCut = true;
    // Destroy the connection after the write, or the headers would be lost.
    this.response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => this.response.socket?.destroy());
  }

  /** Streams at the speed of the client, and stops when it disconnects. */
  async stream(chunks: Iterable<string>): Promise<void> {
    if (this.signal.aborted) return;
    this.response.writeHead(200, { 'content-type': 'application/json' });
    await pipeline(Readable.from(chunks), this.response).catch(() => undefined);
  }
}

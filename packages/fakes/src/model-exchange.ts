/** The answering side of one HTTP request to a `FakeModel`, which also answers badly. */
import { whenAborted } from '@orra-ts/common';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpAnswer } from './model-answer';

export class ModelExchange {
  /** Aborted when the connection has gone before the answer was complete. */
  readonly signal: AbortSignal;
  /** Resolves when `signal` is aborted; never, when the answer was complete. */
  readonly aborted: Promise<void>;
  private isCut = false;

  constructor(private readonly response: ServerResponse) {
    const gone = new AbortController();
    this.signal = gone.signal;
    this.aborted = whenAborted(gone.signal);
    // A client that leaves breaks what is being written to it; `close` follows and says so.
    response.on('error', () => undefined);
    response.once('close', () => {
      if (!response.writableFinished && !this.isCut) gone.abort(new Error('the client has gone'));
    });
  }

  send({ status, headers, body }: HttpAnswer): void {
    if (this.signal.aborted) return;
    this.response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    this.response.end(body);
  }

  /** Promises the whole body, sends its first half, and breaks the connection. */
  cut({ status, headers, body }: HttpAnswer): void {
    if (this.signal.aborted) return;
    const bytes = Buffer.from(body);
    this.response.writeHead(status, { ...headers, 'content-length': bytes.length });
    this.isCut = true;
    // Once it is written: a connection that is destroyed at once takes the headers with it.
    this.response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => this.response.socket?.destroy());
  }

  /** Sends as fast as the client reads, and stops when it has gone. */
  async stream(parts: Iterable<string>): Promise<void> {
    if (this.signal.aborted) return;
    this.response.writeHead(200, { 'content-type': 'application/json' });
    await pipeline(Readable.from(parts), this.response).catch(() => undefined);
  }
}

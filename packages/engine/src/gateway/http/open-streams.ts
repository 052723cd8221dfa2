/** The event streams that are open. */
import type { Clock, Logger } from '@orra-ts/common';
import type { Context } from 'hono';
import type { StreamReader } from '../../events/event-feed';
import { SseStream } from '../../events/sse-stream';
import { WireFailure } from './wire-failure';

/** Each is an open connection (E8). */
const MAX_STREAMS = 1_000;

/** An engine that stops ends them. */
export class OpenStreams {
  private readonly streams = new Set<SseStream>();
  private closed = false;

  respond(
    context: Context,
    reader: StreamReader,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ): Response {
    if (this.closed || this.streams.size >= MAX_STREAMS) {
      const message = this.closed
        ? 'the engine is stopping'
        : `${MAX_STREAMS} event streams are open, which is the most`;
      throw new WireFailure(503, { kind: 'unanticipated error', message }, { retryAfterSeconds: 5 });
    }
    const stream = new SseStream({ reader, clock, logger, onEnd: (ended) => this.streams.delete(ended) });
    this.streams.add(stream);
    return context.body(stream.body, 200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // For proxies that would hold events back.
      'x-accel-buffering': 'no',
    });
  }

  close(): void {
    this.closed = true;
    for (const stream of [...this.streams]) stream.close();
  }
}

/** Keeps the open event streams, and closes them when the engine stops. */
import type { Clock, Logger } from '@orra-ts/common';
import type { StreamReader } from '../../events/event-feed';
import { SseStream } from '../../events/sse-stream';
import { WireFailure } from './wire-failure';

/** Each stream holds a connection (E8). */
const MAX_STREAMS = 1_000;

export class OpenStreams {
  private readonly streams = new Set<SseStream>();
  private closed = false;

  /** @throws WireFailure 503 when the engine is stopping, or the maximum number of streams is open */
  open(
    reader: StreamReader,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ): ReadableStream<Uint8Array> {
    if (this.closed || this.streams.size >= MAX_STREAMS) {
      const message = this.closed ? 'the engine is stopping' : `${MAX_STREAMS} event streams are open, the maximum`;
      throw new WireFailure(503, { kind: 'unanticipated error', message }, { retryAfterSeconds: 5 });
    }
    const stream = new SseStream({ reader, clock, logger, onEnd: (ended) => this.streams.delete(ended) });
    this.streams.add(stream);
    return stream.body;
  }

  close(): void {
    this.closed = true;
    for (const stream of [...this.streams]) stream.close();
  }
}

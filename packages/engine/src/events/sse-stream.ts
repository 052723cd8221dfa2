/**
 * Server-sent events from a reader. The next part is read when the client has received the previous one, so a slow
 * client costs the memory of one part. A client that receives nothing for a long time is disconnected, and can resume
 * from its last id.
 */
import { Latch, describeThrown, type Clock, type Logger, type Timer } from '@orra-ts/common';
import type { PositionedEvent, StreamReader } from './event-feed';

/** Interval of comments without events: their absence shows proxies and clients that a connection is dead. */
const HEARTBEAT_MS = 15_000;
/** A client that reads nothing for this long is disconnected. */
const STALLED_MS = 60_000;

export interface SseStreamOptions {
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, regardless of how the stream ends. */
  readonly onEnd: (stream: SseStream) => void;
}

const encoder = new TextEncoder();

export class SseStream {
  readonly body: ReadableStream<Uint8Array>;
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  private ended = false;
  private hasMore = true;
  private readonly news = new Latch();
  private readonly taken = new Latch();
  private stalledSince: number | undefined;
  private heartbeat: Timer | undefined;
  private readonly stopListening: () => void;

  constructor(private readonly options: SseStreamOptions) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => {
          this.stalledSince = undefined;
          this.taken.release();
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 1 },
    );
    this.stopListening = options.reader.onMore(() => {
      this.hasMore = true;
      this.news.release();
    });
    this.armHeartbeat();
    void this.run();
  }

  /** Ends the stream; the client reconnects to the next engine, or to this one. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.stopListening();
    this.heartbeat?.clear();
    this.news.release();
    this.taken.release();
    try {
      this.controller.close();
    } catch {
      // The client cancelled it.
    }
    this.options.onEnd(this);
  }

  private async run(): Promise<void> {
    const { reader, logger } = this.options;
    try {
      // An id without an event: a client that loses the connection before its first event can resume too.
      await this.write(`id: ${reader.position}\n\n`);
      while (!this.ended) {
        this.hasMore = false;
        const { events, atEnd, over } = await reader.next();
        if (events.length > 0) await this.write(events.map(encodeEvent).join(''));
        if (over) return this.close();
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the listener meanwhile
        if (atEnd && !this.hasMore && !this.ended) await this.news.wait();
      }
    } catch (error) {
      logger.error('an event stream failed', { error: describeThrown(error) });
      this.close();
    }
  }

  /** Resolves when the client has read enough to receive more. */
  private async write(text: string): Promise<void> {
    if (this.ended) return;
    this.controller.enqueue(encoder.encode(text));
    if ((this.controller.desiredSize ?? 1) > 0) return;
    this.stalledSince = this.options.clock.now();
    await this.taken.wait();
  }

  private armHeartbeat(): void {
    this.heartbeat = this.options.clock.setTimer(
      HEARTBEAT_MS,
      () => {
        if (this.stalledSince === undefined) this.controller.enqueue(encoder.encode(':\n\n'));
        else if (this.options.clock.now() - this.stalledSince >= STALLED_MS) {
          this.options.logger.info('a client reads no events and is disconnected; it can resume from its last id');
          this.controller.error(new Error('the client reads no events'));
          return this.close();
        }
        this.armHeartbeat();
      },
      { unref: true },
    );
  }
}

const encodeEvent = ({ id, event }: PositionedEvent): string =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

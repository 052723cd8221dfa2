/**
 * Server-sent events from a reader: a part is read when the one before has been taken, so a slow client costs one part of
 * memory; one that takes nothing for long is cut off, and goes on later from the last id that it has.
 */
import { Latch, describeThrown, type Clock, type Logger, type Timer } from '@orra-ts/common';
import type { PositionedEvent, StreamReader } from './event-feed';

/** Comments in silence: proxies and clients notice a dead connection by their absence. */
const HEARTBEAT_MS = 15_000;
/** Without a byte taken for so long the client is gone or stuck. */
const STALLED_MS = 60_000;

export interface SseStreamOptions {
  readonly reader: StreamReader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, however it ends. */
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

  /** The client comes back to the next engine, or to this one. */
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
      // Cancelled by the client.
    }
    this.options.onEnd(this);
  }

  private async run(): Promise<void> {
    const { reader, logger } = this.options;
    try {
      // An id alone: whoever sees no event before the connection is lost knows where to go on all the same.
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

  /** Resolves when there is room for more. */
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
          this.options.logger.info('a client takes no events and is cut off; it can go on from its last id');
          this.controller.error(new Error('the client takes no events'));
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

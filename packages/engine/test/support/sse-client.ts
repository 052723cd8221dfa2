/** One connection to an event stream, read as fast or as slowly as a test wants. */
import type { Json } from './json';

export interface SentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Json;
}

export class SseClient {
  /** The id of the newest event, or that with which the stream began. */
  lastId = '';
  /** Comments received. */
  comments = 0;
  private rest = '';
  private readonly decoder = new TextDecoder();
  private readonly blocks: string[] = [];

  private constructor(
    readonly response: Response,
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
    private readonly abort: AbortController,
  ) {}

  static async open(url: string, headers: Record<string, string> = {}): Promise<SseClient> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    if (response.status !== 200 || !response.body) throw new Error(`${response.status} ${await response.text()}`);
    return new SseClient(response, response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>, abort);
  }

  /** Undefined when the stream has ended. */
  async next(): Promise<SentEvent | undefined> {
    for (;;) {
      const block = await this.block();
      if (block === undefined) return undefined;
      const field = (name: string): string | undefined =>
        block.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2); // prettier-ignore
      this.lastId = field('id') ?? this.lastId;
      const data = field('data');
      if (data !== undefined) return { id: this.lastId, type: field('event') ?? '', data: JSON.parse(data) };
    }
  }

  async take(count: number): Promise<SentEvent[]> {
    const events: SentEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (!event) throw new Error(`the stream ended after ${events.length} of ${count} events`);
      events.push(event);
    }
    return events;
  }

  async toEnd(): Promise<SentEvent[]> {
    const events: SentEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  /** The next comment or event, whichever comes. */
  async block(): Promise<string | undefined> {
    while (this.blocks.length === 0) {
      const { done, value } = await this.reader.read();
      if (done) return undefined;
      this.rest += this.decoder.decode(value, { stream: true });
      const parts = this.rest.split('\n\n');
      this.rest = parts.pop() ?? '';
      this.blocks.push(...parts);
    }
    const block = this.blocks.shift() ?? '';
    if (block.startsWith(':')) this.comments += 1;
    return block;
  }

  close(): void {
    this.abort.abort();
  }
}

import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** An event stream of a `FakeHttpEngine`: the test decides what is written, and when. */
export class FakeEventStream {
  /** The position that the client asked to resume from. */
  readonly lastEventId: string | undefined;
  /** Resolves when the connection is closed, by either end. */
  readonly closed: Promise<void>;

  /** @internal */
  constructor(
    readonly headers: IncomingHttpHeaders,
    private readonly response: ServerResponse,
  ) {
    this.lastEventId = headers['last-event-id'] as string | undefined;
    this.closed = new Promise((resolve) => response.once('close', resolve));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  }

  /** Writes raw text, such as `id: 1\ndata: {}\n\n`. */
  write(text: string): void {
    this.response.write(text);
  }

  /** Breaks the connection in the middle of the response. */
  drop(): void {
    this.response.socket?.destroy();
  }

  /** Ends the response, as an engine does at the end of an orchestration or when it closes. */
  close(): void {
    this.response.end();
  }
}

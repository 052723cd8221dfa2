/** An HTTP server that gives scripted responses in place of an engine: for tests of its clients. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Conditions } from './conditions';
import { FakeEventStream } from './fake-event-stream';
import { sendResponse, UNKNOWN_ROUTE, type FakeHttpResponse } from './http-response';

/**
 * How to treat a request: `drop` closes the connection without a response, `hang` leaves it open, `stream` begins an
 * event stream for `nextStream`.
 */
export type FakeHttpStep = FakeHttpResponse | 'drop' | 'hang' | 'stream';

/** A request as it arrived. */
export interface ReceivedHttpRequest {
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Decoded JSON, a string if the body is not JSON, undefined without a body. */
  readonly body: unknown;
}

export interface FakeHttpEngineOptions {
  /** Headers of every response. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

export class FakeHttpEngine {
  /** Received requests, in order of arrival. */
  readonly received: ReceivedHttpRequest[] = [];
  private readonly scripts = new Map<string, FakeHttpStep[]>();
  private readonly begun: FakeEventStream[] = [];
  private readonly conditions = new Conditions();
  private readonly server: Server;

  private constructor(private readonly options: FakeHttpEngineOptions) {
    this.server = createServer((request, response) => {
      // The client may disconnect before it has sent the whole body.
      this.serve(request, response).catch(() => request.socket.destroy());
    });
  }

  /** Resolves when it listens on a free port of 127.0.0.1. */
  static async start(options: FakeHttpEngineOptions = {}): Promise<FakeHttpEngine> {
    const engine = new FakeHttpEngine(options);
    await new Promise<void>((resolve) => engine.server.listen(0, '127.0.0.1', resolve));
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /**
   * Treats requests to one route with these steps in turn, and with the last one from then on. Replaces the route's
   * previous script. Routes without a script respond with 404.
   * @param path with the query
   */
  script(method: string, path: string, ...steps: FakeHttpStep[]): void {
    this.scripts.set(`${method} ${path}`, [...steps]);
  }

  /** Forgets all scripts and all received requests. */
  reset(): void {
    this.scripts.clear();
    this.received.length = 0;
  }

  /** Resolves with the next event stream that a client opens, each stream once. */
  nextStream(): Promise<FakeEventStream> {
    return this.conditions.until(() => this.begun.shift(), 'a client that opens an event stream');
  }

  /** Closes every connection and stops listening. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    request.setEncoding('utf8');
    for await (const chunk of request) text += chunk as string;
    const { method = '', url = '', headers } = request;
    this.received.push({ method, path: url, headers, body: parseBody(text) });
    const step = this.nextStep(`${method} ${url}`);
    if (step === 'drop') request.socket.destroy();
    else if (step === 'stream') {
      this.begun.push(new FakeEventStream(headers, response));
      this.conditions.changed();
    } else if (step !== 'hang') sendResponse(response, step, this.options.headers);
  }

  private nextStep(route: string): FakeHttpStep {
    const steps = this.scripts.get(route) ?? [];
    return (steps.length > 1 ? steps.shift() : steps[0]) ?? UNKNOWN_ROUTE;
  }
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

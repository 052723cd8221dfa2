/** A real HTTP server that answers with recorded exchanges, and remembers what it was asked. */
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ManualClock } from '@orra-ts/common/testing';

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface RecordedExchange {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly answer: Answer;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const exchanges = new Map(
  readFileSync(join(__dirname, 'fixtures', 'recorded-exchanges.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedExchange)
    .map((exchange) => [exchange.name, exchange]),
);

export function recorded(name: string): RecordedExchange {
  const exchange = exchanges.get(name);
  if (!exchange) throw new Error(`there is no recorded exchange named ${name}`);
  return exchange;
}

/** Before jest does: a loop that goes on after its test would keep the process. */
const GIVE_UP_MS = 4_500;

/** `drop` closes the connection without an answer, `hang` keeps it open, `stream` begins an event stream for `nextStream`. */
export type Step = Answer | 'drop' | 'hang' | 'stream';

/** An event stream as the engine sees it: the test writes what comes when. */
export class ServedStream {
  readonly lastEventId: string | undefined;
  /** Resolves when the client has closed the connection. */
  readonly closed: Promise<void>;

  constructor(
    readonly headers: IncomingHttpHeaders,
    private readonly response: ServerResponse,
  ) {
    this.lastEventId = headers['last-event-id'] as string | undefined;
    this.closed = new Promise((resolve) => response.once('close', resolve));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  }

  write(text: string): void {
    this.response.write(text);
  }

  /** Breaks the connection in the middle of the answer. */
  drop(): void {
    this.response.socket?.destroy();
  }

  /** Ends the answer as an engine does that is through, or stops. */
  end(): void {
    this.response.end();
  }
}

export class RecordedEngine {
  readonly received: ReceivedRequest[] = [];
  private readonly scripts = new Map<string, Step[]>();
  private readonly begun: ServedStream[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RecordedEngine> {
    const server = createServer();
    const engine = new RecordedEngine(server);
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        engine.received.push({ method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) });
        const steps = engine.scripts.get(`${method} ${url}`) ?? [];
        const step = (steps.length > 1 ? steps.shift() : steps[0]) ?? { status: 404, body: '404 page not found\n' };
        if (step === 'hang') return;
        if (step === 'drop') return request.socket.destroy();
        if (step === 'stream') return engine.begun.push(new ServedStream(headers, response));
        const { status, headers: answerHeaders = {}, body } = step;
        response.writeHead(status, answerHeaders);
        response.end(body === undefined ? undefined : typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers requests to one route with these steps in turn, and with the last one from then on. */
  script(method: string, path: string, ...steps: Step[]): void {
    this.scripts.set(`${method} ${path}`, steps);
  }

  /** Answers the route of a recorded exchange as recorded. */
  replay(name: string): RecordedExchange {
    const exchange = recorded(name);
    this.script(exchange.method, exchange.path, exchange.answer);
    return exchange;
  }

  /** The next event stream that a client has opened, with the clock moved on while it only waits to connect again. */
  async nextStream(clock: ManualClock): Promise<ServedStream> {
    for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt;) {
      const stream = this.begun.shift();
      if (stream) return stream;
      await passTime(clock, 10_000);
    }
    throw new Error('no client has opened an event stream');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Lets real I/O happen, and moves the clock to its next timer if that is at most `withinMs` away. */
async function passTime(clock: ManualClock, withinMs: number): Promise<void> {
  const next = clock.nextTimerMs;
  if (next === undefined || next > withinMs) await new Promise((resolve) => setImmediate(resolve));
  else await clock.advance(next);
}

/** Lets real I/O happen, and moves the clock to its next timer whenever there is one in reach, until the promise is settled. */
export async function drive<T>(clock: ManualClock, promise: Promise<T>, withinMs = Infinity): Promise<T> {
  const state = { isSettled: false };
  const settle = (): void => void (state.isSettled = true);
  promise.then(settle, settle);
  for (const giveUpAt = Date.now() + GIVE_UP_MS; !state.isSettled;) {
    if (Date.now() > giveUpAt) throw new Error('what was driven does not come to an end');
    await passTime(clock, withinMs);
  }
  return promise;
}

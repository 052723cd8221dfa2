/**
 * A language model for tests and examples: an OpenAI-compatible server on 127.0.0.1 with scripted replies and failures. It
 * needs no API key and no network.
 *
 * It responds with the next queued reply, otherwise with the reply of the script, otherwise with status 500.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assertNever, describeThrown, sleep, systemClock, type Clock } from '@orra-ts/common';
import { Conditions } from './conditions';
import { embeddingsResponse, hugeCompletion, responseFormatError, wholeResponse } from './model-response';
import { ModelHttpError, readBody } from './model-body';
import { ModelExchange } from './model-exchange';
import type { ModelReply } from './model-reply';
import { readChatBody, type ModelRequest } from './model-request';
import { wordVector } from './word-vector';

/** Returns the reply to a request, for example by words of its prompt. Undefined leads to status 500. */
export type ModelScript = (request: ModelRequest) => ModelReply | undefined | Promise<ModelReply | undefined>;

export interface FakeModelOptions {
  /** Called when the queue is empty. */
  readonly script?: ModelScript;
  /** Requests without this key are rejected with status 401. @default no key is required */
  readonly apiKey?: string;
  /** @default 0, a free port */
  readonly port?: number;
  /** Clock for `slow` replies and for the times of requests. @default the system clock */
  readonly clock?: Clock;
  /** Returns the embedding of an input. @default 64 dimensions, from hashes of its words; similar for inputs that share words */
  readonly embed?: (input: string) => readonly number[];
}

export class FakeModel {
  /** Requests for completions in order of arrival, including those with a wrong key. */
  readonly requests: ModelRequest[] = [];
  /** Inputs of embedding requests, in order of arrival. */
  readonly embedded: string[] = [];
  script: ModelScript | undefined;
  embed: (input: string) => readonly number[];

  private readonly apiKey: string | undefined;
  private readonly clock: Clock;
  private readonly conditions = new Conditions();
  private readonly queue: (ModelReply | ModelScript)[] = [];
  private readonly server: Server;
  private port: number;
  private closed: Promise<void> | undefined;

  private constructor({ script, apiKey, port = 0, clock = systemClock, embed = wordVector }: FakeModelOptions) {
    this.script = script;
    this.apiKey = apiKey;
    this.port = port;
    this.clock = clock;
    this.embed = embed;
    this.server = createServer((request, response) => void this.receive(request, response));
  }

  /** Resolves when it listens on 127.0.0.1. Rejects when the port is in use. */
  static async start(options: FakeModelOptions = {}): Promise<FakeModel> {
    const model = new FakeModel(options);
    const { server } = model;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(model.port, '127.0.0.1', resolve);
    });
    model.port = (server.address() as AddressInfo).port;
    return model;
  }

  /** Base URL for OpenAI clients. Paths without `/v1` are also served. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Queues replies, one per request. A function is called when its turn comes. */
  enqueue(...replies: (ModelReply | ModelScript)[]): this {
    this.queue.push(...replies);
    return this;
  }

  /** Number of replies in the queue. */
  get queuedReplies(): number {
    return this.queue.length;
  }

  /** Resolves with the `count`-th request for a completion, counted from 1. Rejects after 15 s. */
  received(count = 1): Promise<ModelRequest> {
    return this.conditions.until(() => this.requests[count - 1], `request number ${count} to the model`);
  }

  /** Stops listening and closes every connection. A second call waits for the first. */
  close(): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
    return this.closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new ModelExchange(response);
    try {
      const path = (request.url ?? '').replace(/\?.*$/, '').replace(/^\/v1(?=\/)/, '');
      const route = `${request.method ?? ''} ${path}`;
      if (route === 'POST /chat/completions') await this.complete(request, exchange);
      else if (route === 'POST /embeddings') await this.sendEmbeddings(request, exchange);
      else {
        const message = `FakeModel does not serve ${route}, only POST ${this.baseUrl}/chat/completions and /embeddings`;
        throw new ModelHttpError(404, message, 'unknown_url');
      }
    } catch (error) {
      // Nothing is sent to a client that has disconnected, for example in the middle of its body.
      const { response: errorResponse } = error instanceof ModelHttpError ? error : scriptError(error);
      exchange.send(errorResponse);
    }
  }

  private async complete(incoming: IncomingMessage, exchange: ModelExchange): Promise<void> {
    const chat = readChatBody(await readBody(incoming));
    const { headers } = incoming;
    const { signal } = exchange;
    const request: ModelRequest = {
      ...chat,
      attempt: this.requests.length + 1,
      headers,
      receivedAtMs: this.clock.now(),
      signal,
      aborted: exchange.aborted,
    };
    this.requests.push(request);
    // Waiting tests continue only after this turn, in which the reply is taken, so replies keep the order of arrival.
    this.conditions.changed();
    this.checkKey(headers);
    const next = this.take(request);
    const reply = typeof next === 'function' ? await next(request) : next;
    if (reply) return this.respond(reply, request, exchange);
    const message = `FakeModel has no reply for request ${request.attempt}: queue one with model.enqueue(modelReply.plan(…)), or pass a script`;
    throw new ModelHttpError(500, message, 'no_reply');
  }

  /** Takes the next reply. */
  private take(request: ModelRequest): ModelReply | ModelScript | undefined {
    const next = this.queue[0] ?? this.script;
    // The reply stays in the queue, because a server without support for a format rejects it every time.
    if (next && typeof next !== 'function' && rejectedFormat(next, request) !== undefined) return next;
    this.queue.shift();
    return next;
  }

  private async respond(reply: ModelReply, request: ModelRequest, exchange: ModelExchange): Promise<void> {
    switch (reply.kind) {
      case 'content':
      case 'status':
      case 'body':
      case 'empty':
        return exchange.send(wholeResponse(reply, request));
      case 'cut':
        return exchange.cut(wholeResponse(reply.reply, request));
      case 'huge':
        return exchange.stream(hugeCompletion(reply.bytes, request));
      case 'hang':
        return;
      case 'slow':
        await (typeof reply.until === 'number' ? sleep(this.clock, reply.until, exchange.signal) : reply.until);
        return this.respond(reply.reply, request, exchange);
      case 'rejects_response_format': {
        const rejected = rejectedFormat(reply, request);
        if (rejected !== undefined) return exchange.send(responseFormatError(rejected));
        return this.respond(reply.reply, request, exchange);
      }
      default:
        return assertNever(reply, 'reply of a FakeModel');
    }
  }

  private async sendEmbeddings(incoming: IncomingMessage, exchange: ModelExchange): Promise<void> {
    const { input, model } = await readBody(incoming);
    this.checkKey(incoming.headers);
    const inputs: unknown[] = Array.isArray(input) ? input : [input];
    if (inputs.length === 0 || !inputs.every((one) => typeof one === 'string')) {
      throw new ModelHttpError(400, 'input is missing: pass a string or an array of strings');
    }
    this.embedded.push(...inputs);
    exchange.send(embeddingsResponse(model, inputs, this.embed));
  }

  /** @throws ModelHttpError with status 401 */
  private checkKey({ authorization }: IncomingMessage['headers']): void {
    if (this.apiKey === undefined || authorization === `Bearer ${this.apiKey}`) return;
    const found = authorization === undefined ? 'the Authorization header is missing' : 'the API key is wrong';
    throw new ModelHttpError(401, `${found}: send the apiKey that FakeModel was started with as a Bearer token`);
  }
}

/** Error for an exception of a script, of `embed`, or of the promise of a slow reply. */
const scriptError = (error: unknown): ModelHttpError =>
  new ModelHttpError(500, `FakeModel could not respond: ${describeThrown(error)}`, 'fake_model_failed');

/** Returns the type of the request's `response_format` if the reply rejects it. */
function rejectedFormat(reply: ModelReply, request: ModelRequest): string | undefined {
  if (reply.kind === 'slow') return rejectedFormat(reply.reply, request);
  if (reply.kind !== 'rejects_response_format') return undefined;
  const { responseFormat } = request;
  const isRejected = responseFormat !== undefined && (reply.type ?? responseFormat) === responseFormat;
  return isRejected ? responseFormat : rejectedFormat(reply.reply, request);
}

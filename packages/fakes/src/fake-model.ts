/**
 * A language model for tests and examples: an OpenAI-compatible server on 127.0.0.1 that answers what it is told, and
 * that fails as such servers fail. It needs no key, no network and no tokens.
 *
 * A request is answered by the next reply in the queue, else by the script, else with a 500 that says what is missing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assertNever, describeThrown, sleep, systemClock, type Clock } from '@orra-ts/common';
import { Conditions } from './conditions';
import { embeddingsAnswer, hugeCompletion, responseFormatAnswer, wholeAnswer } from './model-answer';
import { Refusal, readBody } from './model-body';
import { ModelExchange } from './model-exchange';
import type { ModelReply } from './model-reply';
import { readChatBody, type ModelRequest } from './model-request';
import { wordVector } from './word-vector';

/** Decides from the request, such as from words of its prompt. Undefined: there is no reply, which is a 500. */
export type ModelScript = (request: ModelRequest) => ModelReply | undefined | Promise<ModelReply | undefined>;

export interface FakeModelOptions {
  /** Asked when the queue is empty. */
  readonly script?: ModelScript;
  /** Other keys, and requests without one, are refused with 401. @default none is asked for */
  readonly apiKey?: string;
  /** @default 0, a free one */
  readonly port?: number;
  /** Of `slow` replies in milliseconds, and of what requests tell about time. @default the system's */
  readonly clock?: Clock;
  /** Vector of a text. @default from hashes of its words: 64 dimensions, alike for texts that share words */
  readonly embed?: (text: string) => readonly number[];
}

export class FakeModel {
  /** Requests for completions in order of arrival, those with a wrong key included. */
  readonly requests: ModelRequest[] = [];
  /** Texts that vectors were asked of, in order of arrival. */
  readonly embedded: string[] = [];
  script: ModelScript | undefined;
  embed: (text: string) => readonly number[];

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

  /** Resolves when it listens on 127.0.0.1. @throws when the port is taken */
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

  /** What clients of OpenAI call the base URL. Paths without `/v1` are served as well. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Queues replies: each answers one request, in order. A function is asked when its turn comes. */
  answers(...replies: (ModelReply | ModelScript)[]): this {
    this.queue.push(...replies);
    return this;
  }

  /** Replies that are still in the queue. */
  get unanswered(): number {
    return this.queue.length;
  }

  /** Resolves with the `count`-th request for a completion, counted from 1. @throws after 15 seconds without it */
  received(count = 1): Promise<ModelRequest> {
    return this.conditions.until(() => this.requests[count - 1], `request number ${count} to the model`);
  }

  /** Stops listening and cuts every connection; a second call waits for the first. */
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
      else if (route === 'POST /embeddings') await this.vectors(request, exchange);
      else {
        const message = `FakeModel has no ${route}: it answers POST ${this.baseUrl}/chat/completions and /embeddings`;
        throw new Refusal(404, message, 'unknown_url');
      }
    } catch (error) {
      // Nothing is sent to a client that has gone, such as in the middle of its body.
      const { answer } = error instanceof Refusal ? error : failed(error);
      exchange.send(answer);
    }
  }

  private async complete(incoming: IncomingMessage, exchange: ModelExchange): Promise<void> {
    const told = readChatBody(await readBody(incoming));
    const { headers } = incoming;
    const { signal } = exchange;
    const request: ModelRequest = {
      ...told,
      attempt: this.requests.length + 1,
      headers,
      receivedAtMs: this.clock.now(),
      signal,
      aborted: exchange.aborted,
    };
    this.requests.push(request);
    // Waiting code goes on only after this turn, in which the reply is taken: replies go by the order of arrival.
    this.conditions.changed();
    this.checkKey(headers);
    const taken = this.take(request);
    const reply = typeof taken === 'function' ? await taken(request) : taken;
    if (reply) return this.give(reply, request, exchange);
    const message = `FakeModel has no reply for request ${request.attempt}: queue one with model.answers(modelReply.plan(…)), or start it with a script`;
    throw new Refusal(500, message, 'no_reply');
  }

  /** The reply whose turn it is. */
  private take(request: ModelRequest): ModelReply | ModelScript | undefined {
    const next = this.queue[0] ?? this.script;
    // Its reply is still to come: a server that does not know a format refuses it each time.
    if (next && typeof next !== 'function' && refusedFormat(next, request) !== undefined) return next;
    this.queue.shift();
    return next;
  }

  private async give(reply: ModelReply, request: ModelRequest, exchange: ModelExchange): Promise<void> {
    switch (reply.kind) {
      case 'content':
      case 'status':
      case 'body':
      case 'empty':
        return exchange.send(wholeAnswer(reply, request));
      case 'cut':
        return exchange.cut(wholeAnswer(reply.reply, request));
      case 'huge':
        return exchange.stream(hugeCompletion(reply.bytes, request));
      case 'hang':
        return;
      case 'slow':
        await (typeof reply.until === 'number' ? sleep(this.clock, reply.until, exchange.signal) : reply.until);
        return this.give(reply.reply, request, exchange);
      case 'refuses_response_format': {
        const refused = refusedFormat(reply, request);
        if (refused !== undefined) return exchange.send(responseFormatAnswer(refused));
        return this.give(reply.reply, request, exchange);
      }
      default:
        return assertNever(reply, 'reply of a FakeModel');
    }
  }

  private async vectors(incoming: IncomingMessage, exchange: ModelExchange): Promise<void> {
    const { input, model } = await readBody(incoming);
    this.checkKey(incoming.headers);
    const texts: unknown[] = Array.isArray(input) ? input : [input];
    if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
      throw new Refusal(400, 'input is missing: give a text, or an array of texts');
    }
    this.embedded.push(...texts);
    exchange.send(embeddingsAnswer(model, texts, this.embed));
  }

  /** @throws Refusal 401 */
  private checkKey({ authorization }: IncomingMessage['headers']): void {
    if (this.apiKey === undefined || authorization === `Bearer ${this.apiKey}`) return;
    const found = authorization === undefined ? 'there is no Authorization header' : 'this is another key';
    throw new Refusal(401, `${found}: send the apiKey that FakeModel was started with as a Bearer token`);
  }
}

/** For what a script, `embed` or the promise of a slow reply has thrown. */
const failed = (error: unknown): Refusal =>
  new Refusal(500, `FakeModel was kept from answering: ${describeThrown(error)}`, 'fake_model_failed');

/** The type of the request's `response_format`, if the reply refuses it. */
function refusedFormat(reply: ModelReply, request: ModelRequest): string | undefined {
  if (reply.kind === 'slow') return refusedFormat(reply.reply, request);
  if (reply.kind !== 'refuses_response_format') return undefined;
  const { responseFormat } = request;
  const isRefused = responseFormat !== undefined && (reply.type ?? responseFormat) === responseFormat;
  return isRefused ? responseFormat : refusedFormat(reply.reply, request);
}

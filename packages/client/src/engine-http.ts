/** One request to the engine: API key, JSON, typed errors. */
import { signalOfCall, withoutUndefined, type HttpRequest, type HttpStream } from '@orra-ts/common';
import { type ParseResult, isJsonObject } from '@orra-ts/protocol';
import { OrraInvalidRequestError, OrraNotSupportedError, OrraUnexpectedResponseError } from './errors';
import type { ResolvedOrraClientOptions } from './options';
import { responseError } from './response-error';

export interface EngineRequest {
  readonly method: HttpRequest['method'];
  /** Starts with a slash. */
  readonly path: string;
  readonly body?: unknown;
  /** @default true */
  readonly authenticated?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Value of the `Prefer` header (RFC 7240). Engines that do not support it ignore it. */
  readonly prefer?: 'respond-async';
}

export interface EngineResponse {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages, such as `GET http://127.0.0.1:8005/health`. */
  readonly request: string;
}

/** An open event stream. */
export interface EngineStream {
  readonly request: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection. A pending read rejects with the reason. */
  close(reason?: Error): void;
}

/** Limit of an error body. Those of an engine have a few hundred bytes. */
const MAX_ERROR_BYTES = 64 * 1024;

export class EngineHttp {
  constructor(private readonly options: ResolvedOrraClientOptions) {}

  /**
   * @throws OrraClientError a subclass for each kind of error response
   * @throws OrraError `ORRA_UNREACHABLE` when no response arrived
   */
  async send({
    method,
    path,
    body,
    authenticated = true,
    timeoutMs,
    signal,
    prefer,
  }: EngineRequest): Promise<EngineResponse> {
    const { url, readApiKey, transport } = this.options;
    const apiKey = authenticated ? await readApiKey() : undefined;
    const request = `${method} ${url}${path}`;
    const response = await transport.request({
      method,
      url: url + path,
      headers: withoutUndefined({ ...this.headersFor('application/json', apiKey), prefer }),
      body,
      timeoutMs,
      signal: signalOfCall(signal),
    });
    if (response.status < 200 || response.status > 299) throw responseError(request, response, apiKey);
    // The content type is ignored: the Go engine labels most of its JSON as text/plain.
    return {
      body: response.text === '' ? undefined : decode(request, response.text),
      headers: response.headers,
      request,
    };
  }

  /**
   * @param lastEventId the stream starts after this event
   * @throws OrraNotSupportedError `ORRA_NOT_SUPPORTED` when the engine has no events, or the transport cannot read them
   * @throws OrraError as `send` does
   */
  async openStream(path: string, lastEventId: string | undefined, signal?: AbortSignal): Promise<EngineStream> {
    const { url, readApiKey, transport } = this.options;
    const request = `GET ${url}${path}`;
    if (!transport.stream) {
      throw new OrraNotSupportedError(
        `${request}: the transport of this client (option \`transport\`) has no \`stream\` method, so it cannot follow events`,
        { details: { request } },
      );
    }
    const apiKey = await readApiKey();
    const closing = new AbortController();
    const close = (reason?: Error): void => closing.abort(reason);
    const { status, headers, body } = await transport.stream({
      method: 'GET',
      url: url + path,
      headers: withoutUndefined({
        ...this.headersFor('text/event-stream', apiKey),
        // With compression, events would be delayed until a block is full.
        'accept-encoding': 'identity',
        'cache-control': 'no-cache',
        'last-event-id': lastEventId,
      }),
      signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
    });
    if (status >= 200 && status < 300) {
      if (status === 204 || /^text\/event-stream\b/i.test(headers['content-type'] ?? ''))
        return { request, body, close };
      close();
      throw new OrraUnexpectedResponseError(
        `${request}: the response is not an event stream; another server or a proxy responds in place of the engine`,
        { details: { request, status } },
      );
    }
    const text = await readErrorText(body);
    close();
    throw responseError(request, { status, headers, text }, apiKey);
  }

  private headersFor(accept: string, apiKey: string | undefined): Record<string, string> {
    const headers = { accept, 'user-agent': this.options.userAgent };
    return apiKey === undefined ? headers : { ...headers, authorization: `Bearer ${apiKey}` };
  }
}

async function readErrorText(body: HttpStream['body']): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

function decode(request: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrraUnexpectedResponseError(
      `${request}: the response is not JSON, so this is not a Plan Engine; check its URL (option \`url\` or ORRA_URL)`,
      { cause, details: { request } },
    );
  }
}

/** Checks the members that callers rely on. The rest of the body is returned as the engine sent it. */
export function expectBody<T>({ body, request }: EngineResponse, parse: (body: unknown) => ParseResult<T>): T {
  const parsed = parse(body);
  if (parsed.ok) return parsed.value;
  const { path, message } = parsed.error;
  throw new OrraUnexpectedResponseError(
    `${request}: a Plan Engine does not send such a response: ${path || 'the body'}: ${message}`,
    { details: { request, path } },
  );
}

/** Checks that the body is an object and that these members are strings. */
export function expectMembers<T>(response: EngineResponse, members: readonly string[]): T {
  const { body, request } = response;
  if (isJsonObject(body) && members.every((member) => typeof body[member] === 'string')) return body as T;
  const missing = isJsonObject(body) ? ` with ${members.join(' and ')}` : '';
  throw new OrraUnexpectedResponseError(
    `${request}: a Plan Engine does not send such a response: an object${missing} was expected`,
    { details: { request } },
  );
}

/** Checks that the body is a list of objects and that these members are strings. The Go engine sends null for an empty list. */
export function expectList<T>({ body, request }: EngineResponse, members: readonly string[]): T[] {
  if (body === null) return [];
  const isItem = (item: unknown): boolean =>
    isJsonObject(item) && members.every((member) => typeof item[member] === 'string');
  if (Array.isArray(body) && body.every(isItem)) return body as T[];
  throw new OrraUnexpectedResponseError(
    `${request}: a Plan Engine does not send such a response: a list of objects with ${members.join(' and ')} was expected`,
    { details: { request } },
  );
}

/** @throws OrraInvalidRequestError when the value is empty, because the path would be another route */
export function pathSegment(value: string, what: string): string {
  if (typeof value === 'string' && value !== '') return encodeURIComponent(value);
  throw new OrraInvalidRequestError(`the ${what} is missing`);
}

/** One request to the engine and back: key, JSON, typed refusals. */
import type { HttpRequest } from '@orra-ts/common';
import { type ParseResult, isJsonObject } from '@orra-ts/protocol';
import { OrraUnexpectedAnswerError } from './errors';
import type { ResolvedOrraClientOptions } from './options';
import { refusalOf } from './refusal';

export interface EngineRequest {
  readonly method: HttpRequest['method'];
  /** Begins with a slash. */
  readonly path: string;
  readonly body?: unknown;
  /** @default true */
  readonly authenticated?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface EngineReply {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages, such as `GET http://127.0.0.1:8005/health`. */
  readonly request: string;
}

export class EngineHttp {
  constructor(private readonly options: ResolvedOrraClientOptions) {}

  /**
   * @throws OrraClientError a subclass for every answer that is no success
   * @throws OrraError `ORRA_UNREACHABLE` when no answer came
   */
  async send({ method, path, body, authenticated = true, timeoutMs, signal }: EngineRequest): Promise<EngineReply> {
    const { url, readApiKey, transport, userAgent } = this.options;
    const apiKey = authenticated ? await readApiKey() : undefined;
    const request = `${method} ${url}${path}`;
    const response = await transport.request({
      method,
      url: url + path,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body,
      timeoutMs,
      signal,
    });
    if (response.status < 200 || response.status > 299) throw refusalOf(request, response, apiKey);
    // The content type is not looked at: the public engine labels most of its JSON as text/plain.
    return {
      body: response.text === '' ? undefined : decode(request, response.text),
      headers: response.headers,
      request,
    };
  }
}

function decode(request: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrraUnexpectedAnswerError(
      `${request}: the answer is no JSON, so this is no Plan Engine; check its address (option \`url\` or ORRA_URL)`,
      { cause, details: { request } },
    );
  }
}

/** Checks the members that callers rely on; the rest of the body is the engine's word. */
export function expectBody<T>({ body, request }: EngineReply, parse: (body: unknown) => ParseResult<T>): T {
  const parsed = parse(body);
  if (parsed.ok) return parsed.value;
  const { path, message } = parsed.error;
  throw new OrraUnexpectedAnswerError(
    `${request}: the answer does not look like a Plan Engine's: ${path || 'the body'}: ${message}`,
    { details: { request, path } },
  );
}

/** Like `expectBody`, for views that are only shown to the caller. */
export function expectMembers<T>(reply: EngineReply, members: readonly string[]): T {
  const { body, request } = reply;
  if (isJsonObject(body) && members.every((member) => typeof body[member] === 'string')) return body as T;
  const missing = isJsonObject(body) ? ` with ${members.join(' and ')}` : '';
  throw new OrraUnexpectedAnswerError(
    `${request}: the answer does not look like a Plan Engine's: an object${missing} was expected`,
    { details: { request } },
  );
}

/**
 * Calls the chat completions of an OpenAI-compatible endpoint: one request, one response. Failures that may pass
 * (429, 5xx, no response) are retried as the endpoint's headers demand; every other failure is one clear error. The
 * text that the model writes is returned to the caller only.
 */
import {
  OrraError,
  callWithTimeout,
  describeThrown,
  fullJitterMs,
  sleep,
  type Clock,
  type HttpTransport,
  type RandomNumber,
} from '@orra-ts/common';
import { isJsonObject } from '@orra-ts/protocol';
import { engineError, rewordedError } from '../../errors';
import { errorOf, parseJson, readCompletion, type ChatCompletion } from './chat-reply';
import type { ResolvedModelOptions, ResponseFormat } from './model-options';
import { retryAfterMs } from './retry-after';
import { excerpt } from '../../domain/excerpt';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface ChatClientContext {
  readonly clock: Clock;
  readonly random: RandomNumber;
}

/** Maximum number of retries of one call. */
const MAX_RETRIES = 4;
const RETRY = { baseMs: 1_000, capMs: 16_000 };
/** Maximum size of a response (E8); the largest possible plan takes a tenth of it. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
const LONGEST_MESSAGE = 300;
/** Header values with fewer characters are not masked: they are words rather than secrets. */
const SHORTEST_SECRET = 8;
const FORMAT_WORDS = /response_format|json_schema|json_object/i;

export class ChatClient {
  /** The format that the endpoint is asked to guarantee. Falls back to a weaker one when the endpoint refuses it. */
  private format: ResponseFormat;
  private readonly url: string;

  constructor(
    private readonly options: ResolvedModelOptions,
    private readonly context: ChatClientContext,
  ) {
    this.format = options.responseFormat;
    this.url = `${options.baseUrl}/chat/completions`;
  }

  /**
   * @param schema JSON Schema of the response, for endpoints that can enforce one
   * @throws OrraError `ORRA_MODEL_REFUSED` (wrong key, model name or request), `ORRA_MODEL_UNAVAILABLE`
   *   (retryable) when all attempts failed, `ORRA_MODEL_TIMEOUT` (retryable)
   * @throws the signal's reason when it is aborted
   */
  async complete(messages: readonly ChatMessage[], schema: object, signal: AbortSignal): Promise<ChatCompletion> {
    for (let retry = 0; ; retry++) {
      const result = await this.try(messages, schema, signal);
      if (result.kind === 'completed') return result.completion;
      if (result.kind === 'format_refused') {
        // Concurrent calls may all be refused for the same format; only the first one falls back.
        if (this.format === result.format) this.format = NEXT_FORMAT[result.format] ?? 'text';
        retry--;
        continue;
      }
      if (!result.error.retryable || retry >= MAX_RETRIES) {
        throw retry === 0 ? result.error : afterTries(result.error, retry + 1);
      }
      await sleep(this.context.clock, result.waitMs ?? fullJitterMs(RETRY, retry, this.context.random), signal);
    }
  }

  private async try(messages: readonly ChatMessage[], schema: object, signal: AbortSignal): Promise<Tried> {
    const { clock } = this.context;
    const { callTimeoutMs } = this.options;
    const late = (): OrraError =>
      engineError(
        'ORRA_MODEL_TIMEOUT',
        `${this.url} did not respond within ${callTimeoutMs} ms (option \`model.callTimeout\` or LLM_CALL_TIMEOUT)`,
        { retryable: true },
      );
    try {
      return await callWithTimeout({ clock, ms: callTimeoutMs, signal, timeoutError: late }, async (call) => {
        const { format } = this;
        return this.read(await this.post(messages, schema, format, call), format);
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OrraError && error.code.startsWith('ORRA_MODEL_')) return { kind: 'failed', error };
      return { kind: 'failed', error: this.unreachable(error) };
    }
  }

  private async post(
    messages: readonly ChatMessage[],
    schema: object,
    format: ResponseFormat,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { model, body, headers, callTimeoutMs } = this.options;
    const apiKey = await this.readApiKey();
    const transport = this.transport();
    const request = {
      method: 'POST',
      url: this.url,
      headers: {
        accept: 'application/json',
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...headers,
      },
      body: { model, messages, ...formatMember(format, schema), ...body },
      // The client's own timeout fires first.
      timeoutMs: callTimeoutMs + 1_000,
      signal,
    } as const;
    // An endpoint may repeat the request in its error.
    const secrets = [apiKey ?? '', ...Object.values(headers)].filter(({ length }) => length >= SHORTEST_SECRET);
    if (!transport.stream) return { ...(await transport.request(request)), secrets };
    const { status, headers: received, body: pieces } = await transport.stream(request);
    return { status, headers: received, text: await readBounded(pieces, this.url), secrets };
  }

  /** An error of a key store may contain secrets, so its message is dropped. */
  private async readApiKey(): Promise<string | undefined> {
    try {
      return await this.options.readApiKey();
    } catch {
      throw engineError(
        'ORRA_MODEL_REFUSED',
        'the API key of the model cannot be read: the function in the option `model.apiKey` threw an error',
      );
    }
  }

  private read({ status, headers, text, secrets }: Reply, format: ResponseFormat): Tried {
    const body = parseJson(text);
    const isSuccess = status >= 200 && status < 300;
    const { message, code } = errorOf(body, text);
    // Some gateways report errors with status 200.
    if (isSuccess && !(isJsonObject(body) && isJsonObject(body['error']))) {
      const completion = readCompletion(body);
      return completion ? { kind: 'completed', completion } : { kind: 'failed', error: this.noCompletion() };
    }
    if ((status === 400 || status === 422) && NEXT_FORMAT[format] && FORMAT_WORDS.test(message)) {
      return { kind: 'format_refused', format };
    }
    const reported = excerpt(
      secrets.reduce((masked, secret) => masked.replaceAll(secret, '***'), message),
      LONGEST_MESSAGE,
    );
    const hint = hintFor(status, this.options.model);
    const what = `${this.url} responded with ${status}${reported ? `: ${reported}` : ''}${hint}`;
    const again = headers['x-should-retry'];
    const mayRetry =
      again === 'true' || (again !== 'false' && (isTransient(status) || isSuccess) && code !== 'insufficient_quota');
    const waitMs = retryAfterMs(headers, this.context.clock.now());
    const details = { status, reason: code || undefined };
    if (!mayRetry) return { kind: 'failed', error: engineError('ORRA_MODEL_REFUSED', what, { details }) };
    if (waitMs !== undefined && waitMs > this.options.timeoutMs) {
      const asks = `${what}; it demands a wait of ${Math.ceil(waitMs / 1000)} s, which exceeds the timeout of planning (option \`model.timeout\` or LLM_TIMEOUT)`;
      return { kind: 'failed', error: engineError('ORRA_MODEL_REFUSED', asks, { details }) };
    }
    const error = engineError('ORRA_MODEL_UNAVAILABLE', what, { details });
    return { kind: 'failed', error, waitMs };
  }

  private noCompletion(): OrraError {
    return engineError(
      'ORRA_MODEL_UNAVAILABLE',
      `${this.url} did not respond with a chat completion; check that the endpoint is OpenAI-compatible (option \`model.baseUrl\` or LLM_API_BASE_URL)`,
      { retryable: true },
    );
  }

  private unreachable(error: unknown): OrraError {
    const reason = error instanceof OrraError ? error.details['reason'] : undefined;
    const why = typeof reason === 'string' ? reason : describeThrown(error);
    return engineError(
      'ORRA_MODEL_UNAVAILABLE',
      `${this.url}: ${why}; check that the endpoint of the model runs there (option \`model.baseUrl\` or LLM_API_BASE_URL)`,
      { details: { reason: why }, retryable: true },
    );
  }

  private transport(): HttpTransport {
    return this.options.transport ?? (defaultTransport ??= loadAxiosTransport());
  }
}

/** Loaded on the first call, so that an engine without a model does not need axios. */
function loadAxiosTransport(): HttpTransport {
  // Not `import()`: it resolves to the ESM entry, which does not exist until the build has finished.
  const { axiosTransport } = require('@orra-ts/common/axios') as typeof import('@orra-ts/common/axios');
  return axiosTransport();
}

let defaultTransport: HttpTransport | undefined;

type Tried =
  | { readonly kind: 'completed'; readonly completion: ChatCompletion }
  | { readonly kind: 'format_refused'; readonly format: ResponseFormat }
  | { readonly kind: 'failed'; readonly error: OrraError; readonly waitMs?: number };

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Strings to mask in messages. */
  readonly secrets: readonly string[];
}

const NEXT_FORMAT: Readonly<Record<ResponseFormat, ResponseFormat | undefined>> = {
  json_schema: 'json_object',
  json_object: 'text',
  text: undefined,
};

function formatMember(format: ResponseFormat, schema: object): object {
  switch (format) {
    case 'json_schema':
      // Not strict: the members of inputs depend on the services, and a strict schema does not allow open objects.
      return { response_format: { type: format, json_schema: { name: 'plan', strict: false, schema } } };
    case 'json_object':
      return { response_format: { type: format } };
    case 'text':
      return {};
  }
}

const isTransient = (status: number): boolean => status === 408 || status === 409 || status === 429 || status >= 500;

function hintFor(status: number, model: string): string {
  if (status === 401 || status === 403) return ' (the key: option `model.apiKey` or LLM_API_KEY)';
  if (status === 404) {
    return ` (the model "${model}" or the endpoint does not exist: options \`model.model\` and \`model.baseUrl\`, or LLM_MODEL and LLM_API_BASE_URL)`;
  }
  return '';
}

const afterTries = (error: OrraError, tries: number): OrraError =>
  rewordedError(error, `${error.message} (after ${tries} attempts)`, {
    details: error.details,
    retryable: error.retryable,
  });

async function readBounded(pieces: AsyncIterable<Uint8Array>, url: string): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > MAX_RESPONSE_BYTES) {
      throw engineError('ORRA_MODEL_REFUSED', `${url} responded with more than ${MAX_RESPONSE_BYTES} bytes`);
    }
    read.push(piece);
  }
  return Buffer.concat(read).toString('utf8');
}

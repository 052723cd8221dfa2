/** Options of the planning model. They are resolved once, at the engine's start. */
import {
  durationMs,
  isBaseUrl,
  parseHttpUrl,
  withoutUndefined,
  type Duration,
  type HttpTransport,
} from '@orra-ts/common';
import { engineError } from '../../errors';

/**
 * The response format that the endpoint is asked to guarantee. The engine falls back if the endpoint does not support
 * it.
 */
export type ResponseFormat = 'json_schema' | 'json_object' | 'text';

export interface ModelOptions {
  /** Name of the model at the endpoint. */
  readonly model: string;
  /** URL of an OpenAI-compatible endpoint; `/chat/completions` is added. @default 'https://api.openai.com/v1' */
  readonly baseUrl?: string | undefined;
  /** Sent as a bearer token. A function is called before every request, so that keys can be rotated. @default none */
  readonly apiKey?: (string | (() => string | Promise<string>)) | undefined;
  /** Sent as `OpenAI-Organization`. */
  readonly organization?: string | undefined;
  /** Sent as `OpenAI-Project`. */
  readonly project?: string | undefined;
  /** More headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default the endpoint's own */
  readonly temperature?: number | undefined;
  /** More members of every request body, such as `{ reasoning_effort: 'low' }`. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** The first format that is requested. @default 'json_schema' */
  readonly responseFormat?: ResponseFormat | undefined;
  /** Shows submitted values to the model, not only their names and types. Values may be secret. @default false */
  readonly includeValues?: boolean | undefined;
  /** Timeout of one call, to the end of its response. @default '60s' */
  readonly callTimeout?: Duration | undefined;
  /** Timeout of one planning after it leaves the queue, with all attempts, retries and waits. @default '150s' */
  readonly timeout?: Duration | undefined;
  /** Maximum number of responses per planning, 1 to 3. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** Maximum number of concurrent plannings, each with one call at a time; others wait in a queue. @default 8 */
  readonly maxConcurrentCalls?: number | undefined;
  /** @default axios */
  readonly transport?: HttpTransport | undefined;
}

export interface ResolvedModelOptions {
  readonly model: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly readApiKey: () => string | undefined | Promise<string | undefined>;
  readonly headers: Readonly<Record<string, string>>;
  /** Members of every request body except model and messages. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly responseFormat: ResponseFormat;
  readonly includeValues: boolean;
  readonly callTimeoutMs: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly maxConcurrentCalls: number;
  readonly transport?: HttpTransport | undefined;
}

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
/** The default of the Go engine, so that its environment can be reused. */
const DEFAULT_MODEL = 'o1-mini';
const MOST_ATTEMPTS = 3;
const FORMATS: readonly string[] = ['json_schema', 'json_object', 'text'];

/** @throws OrraError `ORRA_INVALID_OPTION`, which lists every invalid option */
export function resolveModelOptions(options: ModelOptions): ResolvedModelOptions {
  const { baseUrl = DEFAULT_BASE_URL, apiKey, organization, project, temperature, transport } = options;
  const { maxAttempts = MOST_ATTEMPTS, maxConcurrentCalls = 8, responseFormat = 'json_schema' } = options;
  const problems: string[] = [];
  const duration = (value: Duration, name: string, variable: string): number => {
    const where = `(option \`model.${name}\` or ${variable})`;
    try {
      const ms = durationMs(value, `model.${name}`);
      if (ms === 0) problems.push(`model.${name}: must be above 0 ${where}`);
      return ms;
    } catch (error) {
      problems.push(`${(error as Error).message} ${where}`);
      return 0;
    }
  };
  if (typeof options.model !== 'string' || options.model.trim() === '') {
    problems.push('model.model: is empty; set the name of a model (option `model.model` or LLM_MODEL)');
  }
  const url = parseHttpUrl(baseUrl);
  if (!url) {
    problems.push(
      `model.baseUrl: ${JSON.stringify(baseUrl)} is not an http or https URL (option \`model.baseUrl\` or LLM_API_BASE_URL)`,
    );
  } else if (!isBaseUrl(url)) {
    // The URL is shown in errors, and a user in it would replace the key.
    problems.push(
      'model.baseUrl: contains a user, a query or a fragment; set keys in `model.apiKey` (LLM_API_KEY) or in `model.headers`',
    );
  }
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MOST_ATTEMPTS) {
    problems.push(`model.maxAttempts: ${String(maxAttempts)} is not an integer from 1 to ${MOST_ATTEMPTS}`);
  }
  if (!Number.isInteger(maxConcurrentCalls) || maxConcurrentCalls < 1) {
    problems.push(`model.maxConcurrentCalls: ${String(maxConcurrentCalls)} is not an integer of at least 1`);
  }
  if (!FORMATS.includes(responseFormat)) {
    problems.push(`model.responseFormat: ${JSON.stringify(responseFormat)} is not one of ${FORMATS.join(', ')}`);
  }
  if (temperature !== undefined && !(temperature >= 0)) {
    problems.push(
      `model.temperature: ${String(temperature)} is not a number of at least 0 (option \`model.temperature\` or LLM_TEMPERATURE)`,
    );
  }
  const callTimeoutMs = duration(options.callTimeout ?? '60s', 'callTimeout', 'LLM_CALL_TIMEOUT');
  const timeoutMs = duration(options.timeout ?? '150s', 'timeout', 'LLM_TIMEOUT');
  if (problems.length > 0) {
    throw engineError('ORRA_INVALID_OPTION', `the engine's model: ${problems.join('; ')}`, { details: { problems } });
  }
  return {
    model: options.model.trim(),
    baseUrl: baseUrl.replace(/\/+$/, ''),
    readApiKey: typeof apiKey === 'function' ? apiKey : () => apiKey?.trim() || undefined,
    headers: {
      ...withoutUndefined({
        'openai-organization': organization || undefined,
        'openai-project': project || undefined,
      }),
      ...options.headers,
    },
    body: { temperature, ...options.body },
    responseFormat,
    includeValues: options.includeValues ?? false,
    callTimeoutMs: Math.min(callTimeoutMs, timeoutMs),
    timeoutMs,
    maxAttempts,
    maxConcurrentCalls,
    transport,
  };
}

/**
 * Returns the model that the environment configures, undefined if it configures none: `LLM_API_KEY`,
 * `LLM_API_BASE_URL` and `LLM_MODEL` as in the Go engine (an endpoint without a key is configured by its URL alone),
 * and in addition `LLM_ORGANIZATION`, `LLM_PROJECT`, `LLM_TEMPERATURE`, `LLM_INCLUDE_VALUES` (`true` or `false`),
 * `LLM_CALL_TIMEOUT` and `LLM_TIMEOUT`. An empty variable counts as unset.
 *
 * @throws OrraError `ORRA_INVALID_OPTION` when a variable is invalid
 * @example
 * const engine = await createEngine({ model: modelFromEnv() });
 */
export function modelFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ModelOptions | undefined {
  const read = (name: string): string | undefined => env[name]?.trim() || undefined;
  const apiKey = read('LLM_API_KEY');
  const baseUrl = read('LLM_API_BASE_URL');
  if (apiKey === undefined && baseUrl === undefined) return undefined;
  const includeValues = read('LLM_INCLUDE_VALUES')?.toLowerCase();
  if (includeValues !== undefined && includeValues !== 'true' && includeValues !== 'false') {
    throw engineError('ORRA_INVALID_OPTION', `LLM_INCLUDE_VALUES: "${includeValues}" is neither true nor false`);
  }
  const temperature = read('LLM_TEMPERATURE');
  if (temperature !== undefined && !(Number(temperature) >= 0)) {
    throw engineError('ORRA_INVALID_OPTION', `LLM_TEMPERATURE: "${temperature}" is not a number of at least 0`);
  }
  return withoutUndefined({
    model: read('LLM_MODEL') ?? DEFAULT_MODEL,
    baseUrl,
    apiKey,
    organization: read('LLM_ORGANIZATION'),
    project: read('LLM_PROJECT'),
    temperature: temperature === undefined ? undefined : Number(temperature),
    includeValues: includeValues === undefined ? undefined : includeValues === 'true',
    // Validated with the other options.
    callTimeout: read('LLM_CALL_TIMEOUT') as Duration | undefined,
    timeout: read('LLM_TIMEOUT') as Duration | undefined,
  });
}

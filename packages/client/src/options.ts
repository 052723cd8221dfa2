/** Options of the client. An option wins over its environment variable. */
import {
  type Clock,
  type HttpTransport,
  type Logger,
  type RandomNumber,
  isApiKey,
  parseEngineUrl,
  silentLogger,
  systemClock,
} from '@orra-ts/common';
import { axiosTransport } from '@orra-ts/common/axios';
import { clientError } from './errors';

/** How long an engine may be unavailable while the client follows or polls it. A restart takes less time. */
export const MAX_OUTAGE_MS = 60_000;

/** An API key, or a function that returns one. The function is called before every request, so keys can rotate. */
export type ApiKeySource = string | (() => string | Promise<string>);

export interface OrraClientOptions {
  /** URL of the engine, such as `http://127.0.0.1:8005`. @default the environment variable `ORRA_URL` */
  readonly url?: string | undefined;
  /** @default the environment variable `ORRA_API_KEY`, read before every request */
  readonly apiKey?: ApiKeySource | undefined;
  /** @default axios */
  readonly transport?: HttpTransport | undefined;
  /** @default silent */
  readonly logger?: Logger | undefined;
  /** Clock for polling and timeouts. @default the system clock */
  readonly clock?: Clock | undefined;
  /** Source of the jitter of polling intervals. @default Math.random */
  readonly random?: RandomNumber | undefined;
  /** @default `orra-ts` */
  readonly userAgent?: string | undefined;
}

export interface ResolvedOrraClientOptions {
  /** Without a trailing slash. */
  readonly url: string;
  /** @throws OrraError `ORRA_MISSING_OPTION` or `ORRA_INVALID_OPTION` */
  readonly readApiKey: () => Promise<string>;
  readonly transport: HttpTransport;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: RandomNumber;
  readonly userAgent: string;
}

export function resolveOrraClientOptions(options: OrraClientOptions): ResolvedOrraClientOptions {
  const { apiKey } = options;
  return {
    url: resolveUrl(options.url ?? process.env['ORRA_URL']),
    readApiKey: async () =>
      checkApiKey((typeof apiKey === 'function' ? await apiKey() : apiKey) ?? process.env['ORRA_API_KEY']),
    transport: options.transport ?? axiosTransport(),
    logger: (options.logger ?? silentLogger).child({ component: 'client' }),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    userAgent: options.userAgent ?? 'orra-ts',
  };
}

function resolveUrl(text: string | undefined): string {
  if (text === undefined || text.trim() === '') {
    throw clientError(
      'ORRA_MISSING_OPTION',
      'the URL of the engine is missing: set the option `url` or the environment variable ORRA_URL, for example to http://127.0.0.1:8005',
      { details: { option: 'url', environment: 'ORRA_URL' } },
    );
  }
  const url = parseEngineUrl(text);
  if (url === undefined) {
    // The message does not show the string: it may contain a password.
    throw clientError(
      'ORRA_INVALID_OPTION',
      'the URL of the engine (option `url` or ORRA_URL) must have the form http://host:port or https://host/path, without user name, query and fragment',
      { details: { option: 'url', environment: 'ORRA_URL' } },
    );
  }
  return url;
}

function checkApiKey(key: string | undefined): string {
  const option = { option: 'apiKey', environment: 'ORRA_API_KEY' };
  if (key === undefined || key.trim() === '') {
    throw clientError(
      'ORRA_MISSING_OPTION',
      'the API key is missing: set the option `apiKey` or the environment variable ORRA_API_KEY',
      { details: option },
    );
  }
  const trimmed = key.trim();
  if (!isApiKey(trimmed)) {
    throw clientError(
      'ORRA_INVALID_OPTION',
      'the API key (option `apiKey` or ORRA_API_KEY) contains whitespace or characters that an API key cannot have; check how it was copied or read',
      { details: option },
    );
  }
  return trimmed;
}

/** The axios adapter behind `HttpTransport`: the default of the client and the SDK. */
import type { Readable } from 'node:stream';
import axios, { type AxiosInstance, type AxiosProxyConfig, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { commonError } from './errors';
import type { HttpRequest, HttpTransport } from './http-transport';
import { OrraError } from './orra-error';
import { proxyOf, type Proxy } from './proxy';

/** @default 30 s: an engine may plan for that long. A request can set a shorter timeout. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Statuses that a proxy responds with itself. */
const PROXY_STATUSES = [403, 407, 502, 503, 504];

/**
 * The proxy comes from the environment (see `proxyOf`), unless the instance has the option `proxy`.
 *
 * @param instance the application's own instance (proxy, TLS, interceptors); its base URL is ignored
 */
export function axiosTransport(instance: AxiosInstance = axios.create()): HttpTransport {
  const proxyFor = (url: string): Proxy | undefined =>
    instance.defaults.proxy === undefined ? proxyOf(url) : undefined;

  /** Sends a request. The timeout ends with the headers of a stream, and with the body of any other response. */
  async function send<Body>(
    request: HttpRequest,
    config: AxiosRequestConfig,
  ): Promise<AxiosResponse<Body | undefined>> {
    const { url, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = request;
    const proxy = proxyFor(url);
    // The timeout of axios would count while a stream is read, and does not count while a proxy opens a tunnel.
    const ending = new AbortController();
    const cancel = (): void => ending.abort();
    const timer = setTimeout(cancel, timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      signal?.throwIfAborted();
      const response = await instance.request<Body | undefined>({
        ...configOf(request),
        ...(instance.defaults.proxy === undefined && { proxy: proxy ? axiosProxy(proxy) : false }),
        ...config,
        timeout: 0,
        signal: ending.signal,
      });
      if (proxy && isOfProxy(response)) throw refusedByProxy(request, proxy, response);
      return response;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof OrraError) throw error;
      throw unreachable(request, ending.signal.aborted ? { code: 'ETIMEDOUT' } : error, proxy);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  return {
    async request(request) {
      const response = await send<string>(request, {
        responseType: 'text',
        transformResponse: (text: string) => text,
        maxContentLength: Infinity,
      });
      return { status: response.status, headers: headersOf(response), text: response.data ?? '' };
    },

    async stream(request) {
      const response = await send<Readable>(request, { responseType: 'stream', maxContentLength: -1 });
      const proxy = proxyFor(request.url);
      return {
        status: response.status,
        headers: headersOf(response),
        body: readBody(response.data as Readable, request, proxy),
      };
    },
  };
}

const axiosProxy = ({ url: { protocol, hostname, port, username, password } }: Proxy): AxiosProxyConfig => ({
  protocol,
  host: hostname,
  port: Number(port || (protocol === 'https:' ? 443 : 80)),
  ...(username !== '' && {
    auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
  }),
});

function configOf({ method, url, headers = {}, body }: HttpRequest): AxiosRequestConfig {
  return {
    method,
    url,
    headers: body === undefined ? { ...headers } : { 'content-type': 'application/json', ...headers },
    data: body === undefined ? undefined : JSON.stringify(body),
    validateStatus: () => true,
    maxRedirects: 0,
    maxBodyLength: Infinity,
  };
}

function headersOf({ headers }: AxiosResponse): Record<string, string> {
  const received: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) received[name.toLowerCase()] = String(value);
  }
  return received;
}

/** Yields a body in chunks. Closes the connection when the reader leaves or the signal is aborted, also before the first read. */
function readBody(body: Readable, request: HttpRequest, proxy: Proxy | undefined): AsyncIterable<Uint8Array> {
  const { signal } = request;
  const stop = (): void => void body.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  // An error before the first read reaches the reader; without a listener it would end the process.
  body.on('error', () => {});
  body.once('close', () => signal?.removeEventListener('abort', stop));
  return {
    async *[Symbol.asyncIterator]() {
      try {
        signal?.throwIfAborted();
        yield* body as AsyncIterable<Uint8Array>;
      } catch (error) {
        signal?.throwIfAborted();
        throw unreachable(request, error, proxy);
      } finally {
        body.destroy();
      }
      signal?.throwIfAborted();
    },
  };
}

/** Whether a response comes from the proxy instead of the engine: it refuses the request, or cannot reach the engine. */
function isOfProxy({ status, headers }: AxiosResponse): boolean {
  const type = String(headers['content-type'] ?? '');
  // An engine responds with JSON, and the Go engine in some places with plain text.
  return PROXY_STATUSES.includes(status) && (status === 407 || !/^(application\/json|text\/plain)\b/.test(type));
}

function refusedByProxy(request: HttpRequest, proxy: Proxy, { status, data }: AxiosResponse<unknown>): OrraError {
  // The body of a stream would keep its connection.
  (data as Partial<Readable> | undefined)?.destroy?.();
  const fix = status === 407 ? `; it requires a user name and a password in the URL of ${proxy.variable}` : '';
  return unreachable(request, { code: `the proxy responds with status ${status}${fix}` }, proxy);
}

function unreachable(
  { method, url, timeoutMs = DEFAULT_TIMEOUT_MS }: HttpRequest,
  error: unknown,
  proxy: Proxy | undefined,
): OrraError {
  const { code, message } = error as { code?: string; message?: string };
  // Only origin and path: a query may contain a key. Without `cause`: axios errors contain the headers of the request.
  const address = URL.canParse(url) ? new URL(url).origin + new URL(url).pathname : 'an invalid URL';
  const why =
    code === 'ECONNABORTED' || code === 'ETIMEDOUT'
      ? `no response within ${timeoutMs} ms`
      : (code ?? message ?? 'no response');
  const check = 'check that the engine runs there and that its URL is right (option `engine.url` or ORRA_URL)';
  return commonError(
    'ORRA_UNREACHABLE',
    proxy
      ? `${method} ${address} through the proxy ${proxy.label}: ${why}; check the proxy (NO_PROXY lists hosts to reach without it), and ${check}`
      : `${method} ${address}: ${why}; ${check}`,
    { details: { method, url: address, reason: code ?? message, ...(proxy && { proxy: proxy.label }) } },
  );
}

/** The axios adapter behind `HttpTransport`: the default of the client and the SDK. */
import type { Readable } from 'node:stream';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { commonError } from './errors';
import type { HttpRequest, HttpTransport } from './http-transport';
import type { OrraError } from './orra-error';

/** @default 30 s: an engine may plan for that long. A request can set a shorter timeout. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** @param instance the application's own instance (proxy, TLS, interceptors); its base URL is ignored */
export function axiosTransport(instance: AxiosInstance = axios.create()): HttpTransport {
  return {
    async request(request) {
      const { method, url, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = request;
      try {
        const response = await instance.request<string | undefined>({
          ...configOf(request),
          timeout: timeoutMs,
          signal,
          responseType: 'text',
          transformResponse: (text: string) => text,
          maxContentLength: Infinity,
        });
        return { status: response.status, headers: headersOf(response), text: response.data ?? '' };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw unreachable(method, url, timeoutMs, error);
      }
    },

    async stream(request) {
      const { method, url, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = request;
      // The timeout of axios would also count while the body is read.
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      try {
        const response = await instance.request<Readable>({
          ...configOf(request),
          signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
          responseType: 'stream',
          maxContentLength: -1,
        });
        return { status: response.status, headers: headersOf(response), body: readBody(response.data, request) };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw unreachable(method, url, timeoutMs, deadline.signal.aborted ? { code: 'ETIMEDOUT' } : error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

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
function readBody(body: Readable, { method, url, signal }: HttpRequest): AsyncIterable<Uint8Array> {
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
        throw unreachable(method, url, 0, error);
      } finally {
        body.destroy();
      }
      signal?.throwIfAborted();
    },
  };
}

function unreachable(method: string, url: string, timeoutMs: number, error: unknown): OrraError {
  const { code, message } = error as { code?: string; message?: string };
  // Only origin and path: a query may contain a key. Without `cause`: axios errors contain the headers of the request.
  const address = URL.canParse(url) ? new URL(url).origin + new URL(url).pathname : 'an invalid URL';
  const why =
    code === 'ECONNABORTED' || code === 'ETIMEDOUT'
      ? `no response within ${timeoutMs} ms`
      : (code ?? message ?? 'no response');
  return commonError(
    'ORRA_UNREACHABLE',
    `${method} ${address}: ${why}; check that the engine runs there and that its URL is right (option \`engine.url\` or ORRA_URL)`,
    { details: { method, url: address, reason: code ?? message } },
  );
}

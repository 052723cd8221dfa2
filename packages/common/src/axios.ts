/** The axios adapter behind `HttpTransport`: the default of the client and the SDK. */
import axios, { type AxiosInstance } from 'axios';
import { OrraError } from './errors';
import type { HttpTransport } from './http-transport';

/** @default 30 s: an engine may plan for as long; a caller with a shorter patience says so in the request */
const DEFAULT_TIMEOUT_MS = 30_000;

/** @param instance an application's own instance (proxy, TLS, interceptors); its base URL is not used */
export function axiosTransport(instance: AxiosInstance = axios.create()): HttpTransport {
  return {
    async request({ method, url, headers = {}, body, timeoutMs = DEFAULT_TIMEOUT_MS, signal }) {
      try {
        const response = await instance.request<string | undefined>({
          method,
          url,
          headers: body === undefined ? { ...headers } : { 'content-type': 'application/json', ...headers },
          data: body === undefined ? undefined : JSON.stringify(body),
          timeout: timeoutMs,
          signal,
          responseType: 'text',
          transformResponse: (text: string) => text,
          validateStatus: () => true,
          maxRedirects: 0,
          maxContentLength: Infinity,
          maxBodyLength: Infinity,
        });
        const received: Record<string, string> = {};
        for (const [name, value] of Object.entries(response.headers)) {
          if (value !== undefined && value !== null) received[name.toLowerCase()] = String(value);
        }
        return { status: response.status, headers: received, text: response.data ?? '' };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw unreachable(method, url, timeoutMs, error);
      }
    },
  };
}

function unreachable(method: string, url: string, timeoutMs: number, error: unknown): OrraError {
  const { code, message } = error as { code?: string; message?: string };
  // Only origin and path: a query may hold a key. The cause is left out, since axios errors carry the request's headers.
  const address = URL.canParse(url) ? new URL(url).origin + new URL(url).pathname : 'an invalid URL';
  const why =
    code === 'ECONNABORTED' || code === 'ETIMEDOUT'
      ? `no answer within ${timeoutMs} ms`
      : (code ?? message ?? 'no answer');
  return new OrraError(
    'ORRA_UNREACHABLE',
    `${method} ${address}: ${why}; check that the engine runs there and that its URL is right (option \`engine.url\` or ORRA_URL)`,
    { details: { method, url: address, reason: code ?? message }, retryable: true },
  );
}

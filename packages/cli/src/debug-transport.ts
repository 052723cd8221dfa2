/** `--debug`: prints every request and response to standard error, with masked keys. */
import { type HttpRequest, type HttpTransport, OrraError, describeThrown } from '@orra-ts/common';

/** Longer bodies are truncated. */
const MAX_SHOWN_CHARACTERS = 4_000;

export function debugTransport(transport: HttpTransport, log: (line: string) => void): HttpTransport {
  const exchange = async <T>({ method, url, headers = {}, body }: HttpRequest, send: () => Promise<T>): Promise<T> => {
    log(`> ${method} ${maskKeys(url)}`);
    for (const [name, value] of Object.entries(headers)) log(`> ${name}: ${maskKeys(value)}`);
    if (body !== undefined) log(`> ${printable(JSON.stringify(body))}`);
    try {
      return await send();
    } catch (error) {
      log(`< no response: ${error instanceof OrraError ? error.code : describeThrown(error)}`);
      throw error;
    }
  };
  const stream = transport.stream?.bind(transport);
  return {
    request: (request) =>
      exchange(request, async () => {
        const startedMs = performance.now();
        const response = await transport.request(request);
        log(`< ${response.status} after ${Math.round(performance.now() - startedMs)} ms`);
        if (response.text !== '') log(`< ${printable(response.text.trimEnd())}`);
        return response;
      }),
    stream:
      stream &&
      ((request) =>
        exchange(request, async () => {
          const response = await stream(request);
          log(`< ${response.status}, event stream`);
          return response;
        })),
  };
}

/**
 * Masks the keys that can be recognised: bearer tokens, keys of the usual form, and members that contain a key. The last
 * four characters stay visible, so that keys can be distinguished.
 */
export function maskKeys(text: string): string {
  return text
    .replace(/(Bearer +)(\S+)/gi, (_, scheme: string, key: string) => scheme + masked(key))
    .replace(/sk-orra-[\w-]+/g, masked)
    .replace(
      /("(?:apiKey|token|secret|additionalAPIKeys)"\s*:\s*)("(?:[^"\\]|\\.)*"|\[[^\]]*\])/gi,
      (_, member: string, value: string) => (/^"…[\w-]{0,4}"$/.test(value) ? member + value : `${member}"…"`),
    )
    .replace(/([?&](?:apiKey|token)=)[^&#\s]+/gi, '$1…');
}

const masked = (key: string): string => (key.length > 12 ? `…${key.slice(-4)}` : '…');

function printable(text: string): string {
  // Mask before truncating, because a part of a key would not be recognised.
  const safe = maskKeys(text);
  return safe.length > MAX_SHOWN_CHARACTERS
    ? `${safe.slice(0, MAX_SHOWN_CHARACTERS)}… (${safe.length} characters)`
    : safe;
}

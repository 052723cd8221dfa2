/** `--debug`: every request and its answer on standard error, keys masked. */
import { type HttpRequest, type HttpTransport, OrraError, describeThrown } from '@orra-ts/common';

/** Bodies are cut here: a person reads them. */
const SHOWN_CHARACTERS = 4_000;

export function debugTransport(transport: HttpTransport, say: (line: string) => void): HttpTransport {
  const exchange = async <T>({ method, url, headers = {}, body }: HttpRequest, send: () => Promise<T>): Promise<T> => {
    say(`> ${method} ${maskKeys(url)}`);
    for (const [name, value] of Object.entries(headers)) say(`> ${name}: ${maskKeys(value)}`);
    if (body !== undefined) say(`> ${shown(JSON.stringify(body))}`);
    try {
      return await send();
    } catch (error) {
      say(`< no answer: ${error instanceof OrraError ? error.code : describeThrown(error)}`);
      throw error;
    }
  };
  const stream = transport.stream?.bind(transport);
  return {
    request: (request) =>
      exchange(request, async () => {
        const startedMs = performance.now();
        const response = await transport.request(request);
        say(`< ${response.status} after ${Math.round(performance.now() - startedMs)} ms`);
        if (response.text !== '') say(`< ${shown(response.text.trimEnd())}`);
        return response;
      }),
    ...(stream && {
      stream: (request) =>
        exchange(request, async () => {
          const answer = await stream(request);
          say(`< ${answer.status}, a stream`);
          return answer;
        }),
    }),
  };
}

/**
 * Keys, as far as they can be told: those in a header, those of the usual form, members that hold one. The last four
 * characters stay, to tell keys apart.
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

function shown(text: string): string {
  // Masked before it is cut: half a key is still one.
  const safe = maskKeys(text);
  return safe.length > SHOWN_CHARACTERS ? `${safe.slice(0, SHOWN_CHARACTERS)}… (${safe.length} characters)` : safe;
}

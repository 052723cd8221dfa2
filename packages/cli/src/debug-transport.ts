/** `--debug`: every request and its answer on standard error, keys masked. */
import type { HttpTransport } from '@orra-ts/common';
import { OrraError, describeThrown } from '@orra-ts/common';

/** Bodies are cut here: a person reads them. */
const SHOWN_CHARACTERS = 4_000;

export function debugTransport(transport: HttpTransport, say: (line: string) => void): HttpTransport {
  return {
    async request(request) {
      const { method, url, headers = {}, body } = request;
      say(`> ${method} ${maskKeys(url)}`);
      for (const [name, value] of Object.entries(headers)) say(`> ${name}: ${maskKeys(value)}`);
      if (body !== undefined) say(`> ${shown(JSON.stringify(body))}`);
      const startedMs = performance.now();
      const took = (): string => `${Math.round(performance.now() - startedMs)} ms`;
      try {
        const response = await transport.request(request);
        say(`< ${response.status} after ${took()}`);
        if (response.text !== '') say(`< ${shown(response.text.trimEnd())}`);
        return response;
      } catch (error) {
        say(`< no answer after ${took()}: ${error instanceof OrraError ? error.code : describeThrown(error)}`);
        throw error;
      }
    },
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
      (_, member: string, value: string) => (value.includes('…') ? member + value : `${member}"…"`),
    )
    .replace(/([?&](?:apiKey|token)=)[^&#\s]+/gi, '$1…');
}

const masked = (key: string): string => (key.length > 12 ? `…${key.slice(-4)}` : '…');

const shown = (text: string): string => {
  // Masked before it is cut: half a key is still one.
  const safe = maskKeys(text);
  return safe.length > SHOWN_CHARACTERS ? `${safe.slice(0, SHOWN_CHARACTERS)}… (${safe.length} characters)` : safe;
};

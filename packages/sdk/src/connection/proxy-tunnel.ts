/**
 * The way of a WebSocket through a proxy. The proxy opens a tunnel (CONNECT) for any URL, so that a proxy reads neither the
 * key nor the messages on the way to an HTTPS engine.
 */
import type { ClientRequest } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Proxy } from '@orra-ts/common/proxy';

interface ProxyTunnel {
  readonly agent: HttpsProxyAgent<string>;
  /** Calls back if the proxy does not open the tunnel. */
  onRefusal(request: ClientRequest, callback: (status: number) => void): void;
  /** Ends the connection to the proxy, also while the tunnel opens. */
  close(): void;
}

export function proxyTunnel({ url }: Proxy): ProxyTunnel {
  const closing = new AbortController();
  return {
    agent: new HttpsProxyAgent(url.href, { signal: closing.signal }),
    onRefusal: (request, callback) =>
      request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
        if (statusCode !== 200) callback(statusCode);
      }),
    close: () => closing.abort(),
  };
}

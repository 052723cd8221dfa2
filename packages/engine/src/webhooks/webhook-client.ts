/** Posts messages to receivers: one attempt each, which follows no redirects and connects only to allowed addresses. */
import { Agent as HttpAgent, request as httpRequest, type AgentOptions, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { describeThrown, OrraError, parseHttpUrl } from '@orra-ts/common';
import type { DeliveryOutcome } from '../domain/orchestration/webhooks';
import { hostOf, noTarget, targetRefused, type TargetPolicy } from './target-policy';

export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Maximum bytes of a response that are read; they are discarded. */
const MAX_RESPONSE_BYTES = 64 * 1024;
/** The receiver wants no more messages. */
const GONE = 410;
/**
 * A connection per message would cost more than the message. Unused ones are closed after this time, which is shorter than
 * the five seconds after which Node's servers close them.
 */
const CONNECTIONS: AgentOptions = { keepAlive: true, timeout: 4_000 };
/** How a receiver that has closed an unused connection shows. */
const CLOSED_BY_RECEIVER = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

export class WebhookClient {
  private readonly http = new HttpAgent(CONNECTIONS);
  private readonly https = new HttpsAgent(CONNECTIONS);

  constructor(private readonly policy: TargetPolicy) {}

  /** Never rejects. The signal fires at the timeout, or when the engine stops. */
  async post(post: WebhookPost, signal: AbortSignal): Promise<DeliveryOutcome> {
    try {
      const status = await this.send(post, signal);
      if (status >= 200 && status < 300) return { kind: 'delivered', status };
      const hint = status >= 300 && status < 400 ? '; redirects are not followed' : '';
      return { kind: 'failed', error: `the receiver responded with ${status}${hint}`, retryable: status !== GONE };
    } catch (error) {
      const refused = error instanceof OrraError && error.code === 'ORRA_INVALID_WEBHOOK';
      const text = signal.aborted ? describeThrown(signal.reason) : describeThrown(error);
      return { kind: 'failed', error: text, retryable: !refused };
    }
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  /** Resolves with the status of the response. */
  private send(post: WebhookPost, signal: AbortSignal): Promise<number> {
    const { url: text, headers, body } = post;
    return new Promise((resolve, reject) => {
      const url = parseHttpUrl(text);
      if (!url) throw noTarget(text);
      const host = hostOf(url);
      // Addresses are never looked up.
      if (isIP(host) !== 0 && !this.policy.allows(host)) throw targetRefused(host);
      const isSecure = url.protocol === 'https:';
      const request = isSecure ? httpsRequest : httpRequest;
      const agent = isSecure ? this.https : this.http;
      const sent = request(url, { method: 'POST', headers, lookup: this.policy.lookup, signal, agent });
      sent.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        discard(response);
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed the connection while it was unused, so this was not an attempt.
        if (sent.reusedSocket && CLOSED_BY_RECEIVER.has(error.code ?? '')) resolve(this.send(post, signal));
        else reject(error);
      });
      sent.end(body);
    });
  }
}

function discard(response: IncomingMessage): void {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
}

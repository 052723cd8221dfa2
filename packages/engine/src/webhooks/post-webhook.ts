/** One attempt to deliver a message: a POST that follows no redirects and connects only to allowed addresses. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
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

/** Never rejects. The signal fires at the timeout, or when the engine stops. */
export async function postWebhook(
  post: WebhookPost,
  policy: TargetPolicy,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  try {
    const { status, isDelivered } = await send(post, policy, signal);
    if (isDelivered) return { kind: 'delivered', status };
    const hint = status >= 300 && status < 400 ? '; redirects are not followed' : '';
    return { kind: 'failed', error: `the receiver responded with ${status}${hint}`, retryable: status !== GONE };
  } catch (error) {
    const refused = error instanceof OrraError && error.code === 'ORRA_INVALID_WEBHOOK';
    const text = signal.aborted ? describeThrown(signal.reason) : describeThrown(error);
    return { kind: 'failed', error: text, retryable: !refused };
  }
}

function send(
  { url: text, headers, body }: WebhookPost,
  policy: TargetPolicy,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly isDelivered: boolean }> {
  return new Promise((resolve, reject) => {
    const url = parseHttpUrl(text);
    if (!url) throw noTarget(text);
    const host = hostOf(url);
    // Addresses are never looked up.
    if (isIP(host) !== 0 && !policy.allows(host)) throw targetRefused(host);
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = request(
      url,
      { method: 'POST', headers, lookup: policy.lookup, signal, agent: false },
      (response: IncomingMessage) => {
        const status = response.statusCode ?? 0;
        resolve({ status, isDelivered: status >= 200 && status < 300 });
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_RESPONSE_BYTES) response.destroy();
        });
        response.on('error', () => undefined);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

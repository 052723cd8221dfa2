/**
 * Sends due messages, a few at a time per receiver. What has to be sent is committed state (E3), and this class remembers
 * only what it has begun. A restart therefore begins it again, and a receiver may get a message twice with one `event_id`.
 */
import { type Clock, type Logger, type Timer } from '@orra-ts/common';
import { WEBHOOK_EVENT_HEADER, WEBHOOK_USER_AGENT } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { OrchestrationState, WebhookDelivery } from '../domain/orchestration/state';
import type { DeliveryOutcome } from '../domain/orchestration/webhooks';
import type { WebhookPost } from './webhook-client';
import { signatureHeaders } from './signature';
import { webhookBody } from './webhook-bodies';

/**
 * Concurrent messages to one receiver: a slow receiver delays only its own messages. Many, because a message takes several
 * turns of the event loop, and each turn may contain a group commit.
 */
const MAX_AT_ONCE = 32;

/**
 * Maximum messages that wait for one receiver; their orchestrations stay in memory meanwhile. If a receiver is unavailable
 * for long, the newest messages are dropped at once (E8).
 */
const MAX_WAITING = 20_000;

/** One message of one orchestration. */
export interface DueWebhook {
  readonly delivery: WebhookDelivery;
  readonly state: OrchestrationState;
  readonly secret: string | undefined;
}

export interface WebhookSenderOptions {
  readonly clock: Clock;
  /** Receivers compare signatures with their own wall clock (E11). @default `clock` */
  readonly wallClock?: Clock;
  readonly logger: Logger;
  readonly timeoutMs: number;
  /** @default 20000 */
  readonly maxWaiting?: number;
  readonly post: (post: WebhookPost, signal: AbortSignal) => Promise<DeliveryOutcome>;
}

interface Receiver {
  underWay: number;
  readonly waiting: (() => Promise<void>)[];
}

export class WebhookSender {
  private readonly receivers = new Map<string, Receiver>();
  /** Messages of each receiver that are being sent or wait. */
  private readonly open = new Map<string, number>();
  private readonly timers = new Set<Timer>();
  /** End the requests under way. */
  private readonly limits = new Set<AbortController>();
  private closed = false;

  constructor(private readonly options: WebhookSenderOptions) {}

  /**
   * Sends a message when it is due.
   *
   * @param find returns the message; called when it is its turn
   */
  schedule({ url, dueAt }: WebhookDelivery, find: () => DueWebhook, settled: (outcome: DeliveryOutcome) => void): void {
    if (this.closed) return;
    const { clock, maxWaiting = MAX_WAITING } = this.options;
    const receiver = receiverOf(url);
    const open = this.open.get(receiver) ?? 0;
    if (open >= maxWaiting) {
      const error = `${open} messages wait for ${receiver} already`;
      return settled({ kind: 'failed', error, retryable: false });
    }
    this.open.set(receiver, open + 1);
    const begin = (): void => this.enqueue(receiver, () => this.send(receiver, find, settled));
    const waitMs = dueAt - clock.now();
    if (waitMs <= 0) return begin();
    const timer = clock.setTimer(waitMs, () => {
      this.timers.delete(timer);
      begin();
    });
    this.timers.add(timer);
  }

  /** Aborts requests under way without counting them as attempts: the next engine sends them again. */
  close(): void {
    this.closed = true;
    const reason = engineError('ORRA_ENGINE_STOPPING', 'the engine is stopping');
    for (const limit of this.limits) limit.abort(reason);
    for (const timer of this.timers) timer.clear();
    this.timers.clear();
    this.receivers.clear();
  }

  private enqueue(name: string, work: () => Promise<void>): void {
    let receiver = this.receivers.get(name);
    if (!receiver) this.receivers.set(name, (receiver = { underWay: 0, waiting: [] }));
    receiver.waiting.push(work);
    this.pump(name, receiver);
  }

  private pump(name: string, receiver: Receiver): void {
    if (this.closed) return;
    while (receiver.underWay < MAX_AT_ONCE) {
      const work = receiver.waiting.shift();
      if (!work) break;
      receiver.underWay += 1;
      void work().finally(() => {
        receiver.underWay -= 1;
        this.pump(name, receiver);
      });
    }
    if (receiver.underWay === 0) this.receivers.delete(name);
  }

  private async send(
    receiver: string,
    find: () => DueWebhook,
    settled: (outcome: DeliveryOutcome) => void,
  ): Promise<void> {
    const due = find();
    const outcome = await this.post(due);
    if (this.closed) return;
    this.leave(receiver);
    if (outcome.kind === 'failed') {
      this.options.logger.warn('a webhook message could not be delivered', {
        orchestrationId: due.state.id,
        receiver,
        attempt: due.delivery.attempts + 1,
        error: outcome.error,
      });
    }
    settled(outcome);
  }

  private leave(receiver: string): void {
    const left = (this.open.get(receiver) ?? 1) - 1;
    if (left === 0) this.open.delete(receiver);
    else this.open.set(receiver, left);
  }

  private async post({ delivery, state, secret }: DueWebhook): Promise<DeliveryOutcome> {
    const { clock, wallClock = clock, timeoutMs } = this.options;
    const message = webhookBody(state, delivery);
    const body = JSON.stringify(message);
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': WEBHOOK_USER_AGENT,
      [WEBHOOK_EVENT_HEADER]: message.type,
      ...(secret === undefined ? {} : signatureHeaders(secret, message.event_id, wallClock.now(), body)),
    };
    const limit = new AbortController();
    this.limits.add(limit);
    const timer = clock.setTimer(timeoutMs, () =>
      limit.abort(engineError('ORRA_WEBHOOK_TIMEOUT', `the receiver did not respond within ${timeoutMs} ms`)),
    );
    try {
      return await this.options.post({ url: delivery.url, headers, body }, limit.signal);
    } finally {
      timer.clear();
      this.limits.delete(limit);
    }
  }
}

/** Host and port: the unit that is slow or unavailable as a whole. */
const receiverOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

/**
 * Messages of a service to the engine: queued, sent, acknowledged. An outcome stays until the engine acknowledges it.
 * It is sent again, with its wrapper, on a timer and after every reconnect (X4). Updates are tracked so that an outcome
 * can wait for them (X5), but only for one acknowledgement timeout, because a lost update does not lose work.
 */
import { Latch, type Clock, type Timer } from '@orra-ts/common';
import { ACK_TIMEOUT_MS } from '@orra-ts/protocol';
import type { Outcome } from '../journal/execution-journal';
import { encodeEnvelope, quoteJson, type OutboundMessage } from './encode-envelope';
import type { UpdateTracker } from './update-tracker';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Prefix that makes message ids unique among the processes of a service. */
  readonly idPrefix: string;
  /** @default ACK_TIMEOUT_MS */
  readonly ackTimeoutMs?: number;
  /** The engine has acknowledged an outcome. */
  onAcknowledged(key: string): void;
}

/** Sends a message on the socket. */
export type Transmit = (text: string) => void;

/** Maximum updates that wait to be sent; the oldest are dropped. */
const MAX_QUEUED_UPDATES = 1_000;
/** Above this number of unacknowledged updates the next ones wait, because the Go engine buffers 256 messages. */
const MAX_SENT_UPDATES = 256;
/** ACK timeouts double up to this multiple of their base, to protect an engine that does not acknowledge. */
const MAX_WAIT_FACTOR = 8;

interface Item {
  readonly id: string;
  message: OutboundMessage;
  /** Set for updates. */
  readonly tracker: UpdateTracker | undefined;
  /** Zero if not sent on this connection yet. */
  sentAt: number;
  sends: number;
}

export class Outbox {
  /** In the order of queuing, which a reconnect repeats. */
  private readonly items = new Map<string, Item>();
  private sequence = 0;
  /** Updates that wait to be sent, oldest first: no connection, or too many are not acknowledged. */
  private readonly queuedUpdates = new Set<Item>();
  private sentUpdates = 0;
  private outcomes = 0;
  private transmit: Transmit | undefined;
  private quotedServiceId = '""';
  private sweepTimer: Timer | undefined;
  private readonly ackTimeoutMs: number;
  private readonly drained = new Latch();

  constructor(private readonly options: OutboxOptions) {
    this.ackTimeoutMs = options.ackTimeoutMs ?? ACK_TIMEOUT_MS;
  }

  get online(): boolean {
    return this.transmit !== undefined;
  }

  /** Outcomes that the engine has not acknowledged. */
  get pendingOutcomes(): number {
    return this.outcomes;
  }

  /** Called when the socket is open. Sends all unacknowledged messages, oldest first, with the current service id. */
  connected(serviceId: string, transmit: Transmit): void {
    this.quotedServiceId = quoteJson(serviceId);
    this.transmit = transmit;
    this.sentUpdates = 0;
    this.queuedUpdates.clear();
    for (const item of this.items.values()) {
      if (!item.tracker) this.send(item);
      else if (item.tracker.closed) this.remove(item);
      else this.sendOrQueue(item);
    }
  }

  disconnected(): void {
    this.transmit = undefined;
    this.sweepTimer?.clear();
    this.sweepTimer = undefined;
    for (const { tracker } of this.items.values()) tracker?.releaseHandlers();
  }

  sendOutcome(key: string, { type, taskId, body }: Outcome, executionId: string): void {
    this.outcomes++;
    this.add({ type, taskId, executionId, key, body }, undefined);
  }

  /**
   * Sends the outcome again, in its pending message or in a new one.
   * @param newest execution id of the attempt that it is repeated for. @default that of the pending message, which an
   *   earlier repetition may have changed, or else that of the outcome
   */
  repeatOutcome(key: string, outcome: Outcome, newest?: string): void {
    for (const item of this.items.values()) {
      if (item.message.key !== key || item.tracker) continue;
      item.message = { ...item.message, executionId: newest ?? item.message.executionId, body: outcome.body };
      return this.send(item);
    }
    this.sendOutcome(key, outcome, newest ?? outcome.executionId);
  }

  /** X4: the next attempt of this key has begun, and the previous failure must not arrive during it. */
  forgetOutcome(key: string): void {
    for (const item of this.items.values()) {
      if (item.message.key === key && !item.tracker) this.remove(item);
    }
  }

  /**
   * Returns unacknowledged outcomes with messages over `limit` bytes, or else the largest one. Drops updates over it.
   */
  takeLarge(limit: number): OutboundMessage[] {
    const sizeOf = ({ id, message }: Item): number =>
      Buffer.byteLength(encodeEnvelope(id, message, this.quotedServiceId));
    const sent = [...this.items.values()]
      .filter(({ sends }) => sends > 0)
      .map((item) => ({ item, bytes: sizeOf(item) }));
    const over = sent.filter(({ bytes }) => bytes > limit);
    const largest = sent.reduce<(typeof sent)[number] | undefined>(
      (a, b) => (a && a.bytes >= b.bytes ? a : b),
      undefined,
    );
    const taken = over.length > 0 || !largest ? over : [largest];
    for (const { item } of taken) this.remove(item);
    return taken.filter(({ item }) => !item.tracker).map(({ item }) => item.message);
  }

  sendUpdate(message: OutboundMessage, tracker: UpdateTracker): void {
    this.add(message, tracker);
    if (this.queuedUpdates.size <= MAX_QUEUED_UPDATES) return;
    for (const oldest of this.queuedUpdates) {
      if (oldest.tracker) oldest.tracker.dropped++;
      this.remove(oldest);
      break;
    }
  }

  /** Sends a message once. The engine repeats the request that this responds to. */
  sendStatus(message: OutboundMessage): void {
    this.transmit?.(encodeEnvelope(this.nextId(), message, this.quotedServiceId));
  }

  acknowledge(id: string): void {
    const item = this.items.get(id);
    if (!item) return;
    this.remove(item);
    if (!item.tracker) this.options.onAcknowledged(item.message.key);
  }

  /** Resolves when all outcomes are acknowledged. */
  whenDrained(): Promise<void> {
    if (this.outcomes === 0) return Promise.resolve();
    return this.drained.wait();
  }

  private nextId(): string {
    return this.options.idPrefix + (++this.sequence).toString(36);
  }

  private add(message: OutboundMessage, tracker: UpdateTracker | undefined): void {
    const item: Item = { id: this.nextId(), message, tracker, sentAt: 0, sends: 0 };
    this.items.set(item.id, item);
    if (tracker) this.sendOrQueue(item);
    else this.send(item);
  }

  private sendOrQueue(update: Item): void {
    if (!this.transmit || this.sentUpdates >= MAX_SENT_UPDATES) {
      update.sentAt = 0;
      this.queuedUpdates.add(update);
    } else {
      this.sentUpdates++;
      this.send(update);
    }
  }

  private send(item: Item): void {
    if (!this.transmit) return;
    item.sentAt = this.options.clock.now();
    item.sends++;
    this.transmit(encodeEnvelope(item.id, item.message, this.quotedServiceId));
    this.sweepTimer ??= this.options.clock.setTimer(this.ackTimeoutMs, () => this.sweep(), { unref: true });
  }

  private remove(item: Item): void {
    if (!this.items.delete(item.id)) return;
    if (item.tracker) {
      if (!this.queuedUpdates.delete(item) && this.sentUpdates > 0) this.sentUpdates--;
      item.tracker.settled();
      this.sendQueuedUpdate();
      return;
    }
    if (--this.outcomes === 0) this.drained.release();
  }

  private sendQueuedUpdate(): void {
    if (!this.transmit || this.sentUpdates >= MAX_SENT_UPDATES) return;
    for (const next of this.queuedUpdates) {
      this.queuedUpdates.delete(next);
      this.sentUpdates++;
      return this.send(next);
    }
  }

  /** One timer for all messages of a link, because a timer per message costs more than the message. */
  private sweep(): void {
    this.sweepTimer = undefined;
    const now = this.options.clock.now();
    for (const item of this.items.values()) {
      if (this.queuedUpdates.has(item)) continue;
      const waitMs = this.ackTimeoutMs * Math.min(2 ** (item.sends - 1), MAX_WAIT_FACTOR);
      if (now - item.sentAt < waitMs) continue;
      if (item.tracker) this.remove(item);
      else this.send(item);
    }
    if (this.items.size > 0) {
      this.sweepTimer ??= this.options.clock.setTimer(this.ackTimeoutMs, () => this.sweep(), { unref: true });
    }
  }
}

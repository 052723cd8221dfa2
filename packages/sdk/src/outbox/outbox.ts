/**
 * The messages of a service to the engine: queued, sent, acknowledged. Outcomes stay until the engine acknowledges them
 * and are sent again, wrapped, on a timer and after every reconnect (X4). Updates are tracked so that an outcome can wait
 * for them (X5), but it stops waiting after one acknowledgement timeout: a lost update loses no work.
 */
import { Latch, type Clock, type Timer } from '@orra-ts/common';
import { ACK_TIMEOUT_MS } from '@orra-ts/protocol';
import type { Outcome } from '../journal/execution-journal';
import { encodeEnvelope, quoteJson, type OutboundMessage } from './encode-envelope';
import type { UpdateTracker } from './update-tracker';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Makes message ids unique among the processes that serve one service. */
  readonly idPrefix: string;
  /** @default ACK_TIMEOUT_MS */
  readonly ackTimeoutMs?: number;
  /** The engine has an outcome. */
  onAcknowledged(key: string): void;
}

/** Puts one text on the socket. */
export type Transmit = (text: string) => void;

/** Updates that wait while the engine cannot be reached; older ones make room. */
const MAX_QUEUED_UPDATES = 1_000;
/** ACK timeouts double up to this multiple of their base, so that an engine that never acknowledges is not flooded. */
const MAX_WAIT_FACTOR = 8;

interface Item {
  readonly id: string;
  readonly message: OutboundMessage;
  /** Set for updates. */
  readonly tracker: UpdateTracker | undefined;
  /** Zero: not sent on this connection yet. */
  sentAt: number;
  sends: number;
}

export class Outbox {
  /** In the order in which they were queued, which a reconnect repeats. */
  private readonly items = new Map<string, Item>();
  private sequence = 0;
  private queuedUpdates = 0;
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

  /** The socket is open: everything unacknowledged is sent, oldest first, under the id the service has now. */
  connected(serviceId: string, transmit: Transmit): void {
    this.quotedServiceId = quoteJson(serviceId);
    this.transmit = transmit;
    for (const item of this.items.values()) {
      if (item.tracker?.closed) this.remove(item);
      else this.send(item);
    }
    this.queuedUpdates = 0;
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

  /** An outcome for which a duplicate asks: the message on its way goes out again, or a new one. */
  repeatOutcome(key: string, outcome: Outcome, executionId: string): void {
    for (const item of this.items.values()) {
      if (item.message.key === key && !item.tracker) return this.send(item);
    }
    this.sendOutcome(key, outcome, executionId);
  }

  /** X4: the next attempt of this key has begun, its last failure must not arrive in the middle of it. */
  forgetOutcome(key: string): void {
    for (const item of this.items.values()) {
      if (item.message.key === key && !item.tracker) this.remove(item);
    }
  }

  /** Unacknowledged outcomes whose messages are over `limit` bytes; the largest one where none is. Updates that are go. */
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
    if (!this.transmit && ++this.queuedUpdates > MAX_QUEUED_UPDATES) {
      for (const item of this.items.values()) {
        if (!item.tracker) continue;
        this.remove(item);
        break;
      }
    }
    this.add(message, tracker);
  }

  /** Sent once: the engine repeats the request that this responds to. */
  sendStatus(message: OutboundMessage): void {
    this.transmit?.(encodeEnvelope(this.nextId(), message, this.quotedServiceId));
  }

  acknowledge(id: string): void {
    const item = this.items.get(id);
    if (!item) return;
    this.remove(item);
    if (!item.tracker) this.options.onAcknowledged(item.message.key);
  }

  /** Resolves when no outcome waits for its acknowledgement. */
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
    this.send(item);
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
      if (item.sends === 0) this.queuedUpdates--;
      item.tracker.settled();
      return;
    }
    if (--this.outcomes === 0) this.drained.release();
  }

  /** One timer for all messages of a link: a timer a message costs more than the message. */
  private sweep(): void {
    this.sweepTimer = undefined;
    const now = this.options.clock.now();
    for (const item of this.items.values()) {
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

/**
 * Pings every connection one interval after it came and from then on, with one timer for all of them, and gives up those
 * that do not answer: without a protocol pong one pong wait after the last one (the connection is dead, it is cut off),
 * without a JSON pong at the next ping (the client's event loop or SDK is stuck, it is told by a close without a status).
 *
 * Both waits are the same for every connection, so the order in which they fall due is the order in which they were
 * set: two insertion-ordered maps are the queues.
 */
import type { Clock, Timer } from '@orra-ts/common';

export interface Heartbeating {
  /** A JSON ping and a protocol ping. */
  ping(): void;
  /** When its last JSON pong came, or when it connected. */
  readonly jsonPongAt: number;
  /** We do not read from it at the moment, so it cannot be blamed for silence. */
  readonly held: boolean;
  giveUp(missing: 'protocol-pong' | 'json-pong'): void;
}

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  readonly pongWaitMs: number;
}

export class Heartbeat {
  private readonly pings = new Map<Heartbeating, number>();
  private readonly deadlines = new Map<Heartbeating, number>();
  private timer: { readonly handle: Timer; readonly at: number } | undefined;

  constructor(private readonly options: HeartbeatOptions) {}

  add(link: Heartbeating): void {
    const now = this.options.clock.now();
    this.put(this.pings, link, now + this.options.pingIntervalMs);
    this.put(this.deadlines, link, now + this.options.pongWaitMs);
    this.arm();
  }

  /** A protocol pong has come. */
  ponged(link: Heartbeating): void {
    if (this.deadlines.has(link)) this.put(this.deadlines, link, this.options.clock.now() + this.options.pongWaitMs);
  }

  remove(link: Heartbeating): void {
    this.pings.delete(link);
    this.deadlines.delete(link);
    if (this.pings.size === 0) this.disarm();
  }

  close(): void {
    this.disarm();
  }

  private disarm(): void {
    this.timer?.handle.clear();
    this.timer = undefined;
  }

  private put(queue: Map<Heartbeating, number>, link: Heartbeating, at: number): void {
    queue.delete(link);
    queue.set(link, at);
  }

  /** What is put later falls due later, so a timer that is set is never late; it may only fire for nothing. */
  private arm(): void {
    const at = Math.min(firstDue(this.pings), firstDue(this.deadlines));
    if (at === Infinity || (this.timer && this.timer.at <= at)) return;
    this.disarm();
    const waitMs = at - this.options.clock.now();
    this.timer = { at, handle: this.options.clock.setTimer(waitMs, () => this.beat(), { unref: true }) };
  }

  private beat(): void {
    this.timer = undefined;
    const now = this.options.clock.now();
    for (const link of due(this.deadlines, now)) {
      if (link.held) this.ponged(link);
      else this.drop(link, 'protocol-pong');
    }
    for (const link of due(this.pings, now)) {
      if (!link.held && now - link.jsonPongAt >= this.options.pongWaitMs) {
        this.drop(link, 'json-pong');
      } else {
        this.put(this.pings, link, now + this.options.pingIntervalMs);
        link.ping();
      }
    }
    this.arm();
  }

  private drop(link: Heartbeating, missing: 'protocol-pong' | 'json-pong'): void {
    this.remove(link);
    link.giveUp(missing);
  }
}

function firstDue(queue: ReadonlyMap<Heartbeating, number>): number {
  for (const at of queue.values()) return at;
  return Infinity;
}

function due(queue: ReadonlyMap<Heartbeating, number>, now: number): Heartbeating[] {
  const links: Heartbeating[] = [];
  for (const [link, at] of queue) {
    if (at > now) break;
    links.push(link);
  }
  return links;
}

/**
 * Pings every connection at an interval, with one timer for all of them, and gives up those that do not respond: without a
 * protocol pong within the pong timeout the connection is dead and is cut off; without a JSON pong by the next ping the
 * client's event loop or SDK is stuck, and the connection is closed without a status.
 *
 * Each timeout is the same for every connection, so they expire in the order in which they were set: two insertion-ordered
 * maps serve as the queues.
 */
import type { Clock, Timer } from '@orra-ts/common';

export interface Heartbeating {
  /** Sends a JSON ping and a protocol ping. */
  ping(): void;
  /** Time of its last JSON pong, or of its connection. */
  readonly jsonPongAt: number;
  /** The engine does not read from it at the moment, so missing pongs do not count. */
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

  add(connection: Heartbeating): void {
    const now = this.options.clock.now();
    this.put(this.pings, connection, now + this.options.pingIntervalMs);
    this.put(this.deadlines, connection, now + this.options.pongWaitMs);
    this.arm();
  }

  /** Records a protocol pong. */
  ponged(connection: Heartbeating): void {
    if (this.deadlines.has(connection))
      this.put(this.deadlines, connection, this.options.clock.now() + this.options.pongWaitMs);
  }

  remove(connection: Heartbeating): void {
    this.pings.delete(connection);
    this.deadlines.delete(connection);
    if (this.pings.size === 0) this.disarm();
  }

  close(): void {
    this.disarm();
  }

  private disarm(): void {
    this.timer?.handle.clear();
    this.timer = undefined;
  }

  private put(queue: Map<Heartbeating, number>, connection: Heartbeating, at: number): void {
    queue.delete(connection);
    queue.set(connection, at);
  }

  /** Later entries expire later, so a timer that is set is never late; it may only fire without effect. */
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
    for (const connection of due(this.deadlines, now)) {
      if (connection.held) this.ponged(connection);
      else this.drop(connection, 'protocol-pong');
    }
    for (const connection of due(this.pings, now)) {
      if (!connection.held && now - connection.jsonPongAt >= this.options.pongWaitMs) {
        this.drop(connection, 'json-pong');
      } else {
        this.put(this.pings, connection, now + this.options.pingIntervalMs);
        connection.ping();
      }
    }
    this.arm();
  }

  private drop(connection: Heartbeating, missing: 'protocol-pong' | 'json-pong'): void {
    this.remove(connection);
    connection.giveUp(missing);
  }
}

function firstDue(queue: ReadonlyMap<Heartbeating, number>): number {
  for (const at of queue.values()) return at;
  return Infinity;
}

function due(queue: ReadonlyMap<Heartbeating, number>, now: number): Heartbeating[] {
  const connections: Heartbeating[] = [];
  for (const [connection, at] of queue) {
    if (at > now) break;
    connections.push(connection);
  }
  return connections;
}

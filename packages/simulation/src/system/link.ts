import type { SeededRandom } from '@orra-ts/common/testing';
/** The network between one replica and the engine, with its faults. */
import type { ProcessScope } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { Trace } from '../kernel/trace';
import type { Direction } from '../spec/world-spec';

const MAX_LATENCY_MS = 20;

export class Link {
  readonly lose: Record<Direction, number> = { 'to-engine': 0, 'to-service': 0 };
  readonly duplicate: Record<Direction, number> = { 'to-engine': 0, 'to-service': 0 };
  silentUntilMs = 0;
  delayUntilMs = 0;
  delayMs = 0;

  constructor(
    readonly replica: string,
    private readonly scheduler: Scheduler,
    private readonly random: SeededRandom,
    private readonly trace: Trace,
  ) {}

  /** When something that is sent now arrives, in milliseconds from now. */
  latencyMs(): number {
    const { nowMs } = this.scheduler;
    const delayMs = nowMs < this.delayUntilMs ? this.delayMs : 0;
    return Math.max(0, this.silentUntilMs - nowMs) + delayMs + this.random.int(1, MAX_LATENCY_MS);
  }

  /** Latency of a message, or of both copies of it; undefined if it is lost. */
  message(direction: Direction): readonly number[] {
    if (this.lose[direction] > 0) {
      this.lose[direction]--;
      this.trace.add('fault', 'loses a message', `${this.replica} ${direction}`);
      return [];
    }
    if (this.duplicate[direction] > 0) {
      this.duplicate[direction]--;
      this.trace.add('fault', 'duplicates a message', `${this.replica} ${direction}`);
      return [this.latencyMs(), this.latencyMs()];
    }
    return [this.latencyMs()];
  }
}

/** One direction of a connection: messages arrive in the order sent. */
export class Pipe {
  private lastAtMs = 0;

  constructor(
    private readonly link: Link,
    private readonly direction: Direction,
    private readonly scheduler: Scheduler,
    /** Whoever receives: what arrives belongs to it. */
    private readonly receiver: ProcessScope,
  ) {}

  message(deliver: () => void): void {
    for (const latencyMs of this.link.message(this.direction)) this.arrive(latencyMs, deliver);
  }

  /** Pings, pongs and closes are never lost or duplicated alone. */
  signal(deliver: () => void, extraMs = 0): void {
    this.arrive(this.link.latencyMs() + extraMs, deliver);
  }

  private arrive(latencyMs: number, deliver: () => void): void {
    const { nowMs } = this.scheduler;
    this.lastAtMs = Math.max(this.lastAtMs, nowMs + latencyMs);
    this.receiver.schedule(this.lastAtMs - nowMs, deliver);
  }
}

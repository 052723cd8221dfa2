/** What happened in a world, in order. Equal hashes mean equal runs. */
import { createHash } from 'node:crypto';
import type { Scheduler } from './scheduler';

const MAX_DETAIL = 200;

export class Trace {
  private readonly hash = createHash('sha256');
  /** Empty unless `record` is set. */
  readonly lines: string[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly record: boolean,
  ) {}

  /** @param who the process or part, such as `engine`, `svc-a/1` or `fault` */
  add(who: string, what: string, detail = ''): void {
    const at = this.scheduler.nowMs;
    this.hash.update(`${at} ${who} ${what} ${detail}\n`);
    if (!this.record) return;
    const shown = detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail;
    this.lines.push(`${(at / 1000).toFixed(3).padStart(10)}  ${who.padEnd(9)}  ${what}${shown && ` ${shown}`}`);
  }

  /** Ends the trace. */
  digest(): string {
    return this.hash.digest('hex').slice(0, 16);
  }
}

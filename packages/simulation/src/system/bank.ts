/** The banks outside the system. What they hold is the truth by which a world is judged. */
import type { Scheduler } from '../kernel/scheduler';
import type { Trace } from '../kernel/trace';
import type { ServiceSpec } from '../spec/world-spec';

export interface ChargeRequest {
  readonly service: ServiceSpec;
  readonly order: string;
  readonly task: string;
  /** The idempotency key of the task. */
  readonly key: string;
}

export interface Charge extends ChargeRequest {
  readonly id: string;
  readonly atMs: number;
  /** The keys of the reverts that undid it, each once. */
  readonly refunds: Set<string>;
  /** Those of them that had no output and looked it up by the key of its task. */
  readonly refundsByKey: Set<string>;
}

export class Bank {
  readonly charges: Charge[] = [];
  /** Keys that a keyed bank does not charge any more. */
  private readonly voided = new Set<string>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly trace: Trace,
  ) {}

  /**
   * A keyed bank returns the charge that it already has for the key.
   *
   * @throws Error if the key was voided
   */
  charge(request: ChargeRequest, process: string): Charge {
    const { service, order, task, key } = request;
    const known = service.bank === 'keyed' ? this.charges.find((charge) => charge.key === key) : undefined;
    if (known) {
      this.trace.add(process, 'charges again', `${known.id}, which the bank recognises`);
      return known;
    }
    if (this.voided.has(key)) {
      this.trace.add(process, 'cannot charge', `${order}/${task}: its key is void`);
      throw new Error('the key is void');
    }
    const charge = {
      ...request,
      id: `${order}.${task}#${this.charges.length + 1}`,
      atMs: this.scheduler.nowMs,
      refunds: new Set<string>(),
      refundsByKey: new Set<string>(),
    };
    this.charges.push(charge);
    this.trace.add(process, 'charges', `${charge.id} (${service.bank} bank)`);
    return charge;
  }

  /** Whether a keyed bank has a charge for the key. */
  has({ bank }: ServiceSpec, key: string): boolean {
    return bank === 'keyed' && this.charges.some((charge) => charge.key === key);
  }

  /** A repetition under one key is one refund: the key identifies it. */
  refund(id: string, revertKey: string, process: string): void {
    const charge = this.charges.find((candidate) => candidate.id === id);
    if (!charge) throw new Error(`there is no charge ${id}`);
    this.trace.add(process, charge.refunds.has(revertKey) ? 'refunds again' : 'refunds', id);
    charge.refunds.add(revertKey);
  }

  /** Refunds what was charged under the key of a task, if anything. A keyed bank voids the key: a later charge fails. */
  undoKey({ bank }: ServiceSpec, taskKey: string, revertKey: string, process: string): void {
    if (bank === 'keyed') this.voided.add(taskKey);
    for (const charge of this.charges) {
      if (charge.key !== taskKey || charge.refunds.size > 0) continue;
      this.refund(charge.id, revertKey, process);
      charge.refundsByKey.add(revertKey);
    }
  }
}

/**
 * Rules about a world at rest, judged by what the banks hold: effects, committed, partial,
 * undone-once, listed, one-end.
 */
import type { WorldSpec } from '../spec/world-spec';
import type { Bank, Charge } from '../system/bank';
import { eventsOf, terminalEvents, type Observations, type ObservedOrchestration } from './observations';
import type { Report } from './rules';

/** A record on the list for operators. */
export interface ListedRecord {
  readonly orchestrationId: string;
  readonly taskId: string;
  /** Its kind, such as `failed`, `expired` or `in_doubt`. */
  readonly status: string;
}

const MAX_REVERT_ATTEMPTS = 10;

export class FinalRules {
  constructor(
    private readonly spec: WorldSpec,
    private readonly observations: Observations,
    private readonly bank: Bank,
    private readonly records: readonly ListedRecord[],
    private readonly report: Report,
  ) {}

  check(): void {
    for (const { name } of this.spec.orders) {
      const orchestration = this.observations.byOrder(name);
      if (!orchestration) this.report('one-end', `${name} has no orchestration`);
      else this.checkEnd(orchestration);
    }
    for (const charge of this.bank.charges) this.checkCharge(charge);
    for (const record of this.records) this.checkRecord(record);
  }

  private checkEnd(orchestration: ObservedOrchestration): void {
    const ends = terminalEvents(orchestration).map(({ event }) => event.type);
    if (ends.length !== 1)
      this.report('one-end', `${orchestration.order.name} ended with: ${ends.join(', ') || 'nothing'}`);
  }

  private checkCharge({ id, order, task, service, refunds }: Charge): void {
    if (refunds.size > 1) this.report('undone-once', `${id} is refunded ${refunds.size} times`);
    if (!service.revertible) return;
    const orchestration = this.observations.byOrder(order);
    if (!orchestration) return this.report('effects', `${id} belongs to no orchestration`);
    const isCommitted = this.outputOf(orchestration, task) === id;
    if (isCommitted && eventsOf(orchestration, 'orchestration_completed').length > 0) {
      if (refunds.size > 0) this.report('undone-once', `${id} is refunded, but its orchestration completed with it`);
      return;
    }
    if (refunds.size > 0 || this.isListed(orchestration, task)) return;
    const ending = terminalEvents(orchestration)[0]?.event.type ?? 'no end';
    const isPartial = this.observations.notUndone.get(`${order}/${task}`)?.has('partial') === true;
    const rule = isPartial ? 'partial' : isCommitted ? 'committed' : 'effects';
    this.report(rule, `${id} (${service.bank} bank) is neither refunded nor listed after ${ending}`);
  }

  private outputOf(orchestration: ObservedOrchestration, task: string): unknown {
    const output = eventsOf(orchestration, 'task_completed', task).at(-1)?.event.output;
    return (output as { readonly charge?: unknown } | undefined)?.charge;
  }

  private isListed({ id }: ObservedOrchestration, task: string): boolean {
    return this.records.some(({ orchestrationId, taskId }) => orchestrationId === id && taskId === task);
  }

  private checkRecord({ orchestrationId, taskId, status }: ListedRecord): void {
    const orchestration = this.observations.orchestrations.get(orchestrationId);
    if (!orchestration) return this.report('listed', `a record of an unknown orchestration: ${orchestrationId}`);
    const name = `${orchestration.order.name}/${taskId}`;
    const how = this.observations.notUndone.get(name);
    const attempts =
      eventsOf(orchestration, 'compensation_attempt_failed', taskId).length +
      eventsOf(orchestration, 'compensation_paused', taskId).length;
    const charges = this.bank.charges.filter(({ order, task }) => `${order}/${task}` === name).length;
    const reasons: Readonly<Record<string, boolean>> = {
      failed: how?.has('failed') === true || attempts + 1 >= MAX_REVERT_ATTEMPTS,
      partial: how?.has('partial') === true,
      // E11 checks that it did not expire early.
      expired: true,
      in_doubt: this.mayBeInDoubt(orchestration, taskId),
      duplicate: charges > 1,
    };
    if (reasons[status] !== true) this.report('listed', `${name} is listed as ${status} without a reason`);
  }

  /** Without a fault, a task is in doubt that ran past its limit, threw after its signal fired, or had a wrong output. */
  private mayBeInDoubt(orchestration: ObservedOrchestration, taskId: string): boolean {
    if (this.spec.faults.length > 0) return true;
    const service = orchestration.order.tasks.find(({ id }) => id === taskId)?.service;
    const shares = this.spec.services.find(({ name }) => name === service)?.shares;
    return shares !== undefined && shares.slow + shares.throw + shares['bad-output'] > 0;
  }
}

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
  readonly id: string;
  readonly orchestrationId: string;
  readonly taskId: string;
  /** Its kind, such as `failed`, `expired` or `in_doubt`. */
  readonly status: string;
  readonly resolutionState: string;
  /** What the revert receives; null without an output. */
  readonly data: unknown;
  readonly output?: unknown;
  readonly otherOutput?: unknown;
  readonly lateOutput?: unknown;
}

/** What operators did. */
export interface OperatorLog {
  /** Ids of records that were resolved or ignored. */
  readonly decided: ReadonlySet<string>;
  /** By `order/task`. */
  readonly actions: ReadonlyMap<string, readonly string[]>;
  readonly refused: readonly { readonly name: string; readonly status: string }[];
}

const MAX_REVERT_ATTEMPTS = 10;

export class FinalRules {
  constructor(
    private readonly spec: WorldSpec,
    private readonly observations: Observations,
    private readonly bank: Bank,
    private readonly records: readonly ListedRecord[],
    private readonly operator: OperatorLog,
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
    for (const { name, status } of this.operator.refused) this.checkRefusal(name, status);
  }

  /** The table refuses two kinds of retries. */
  private checkRefusal(name: string, status: string): void {
    if (status === 'duplicate') return;
    const [order = '', task] = name.split('/');
    const service = this.observations.byOrder(order)?.order.tasks.find(({ id }) => id === task)?.service;
    const reverts = this.spec.services.find((spec) => spec.name === service)?.also.includes('unknown') === true;
    if (status !== 'in_doubt' || reverts) this.report('listed', `the retry of ${name}, which is ${status}, is refused`);
  }

  private checkEnd(orchestration: ObservedOrchestration): void {
    const ends = terminalEvents(orchestration).map(({ event }) => event.type);
    if (ends.length !== 1)
      this.report('one-end', `${orchestration.order.name} ended with: ${ends.join(', ') || 'nothing'}`);
  }

  private checkCharge(charge: Charge): void {
    const { id, order, task, service, refunds, refundsByKey } = charge;
    const name = `${order}/${task}`;
    // A late success after a revert without an output is reverted once more, and an operator can repeat any revert.
    const isRetried = this.operator.actions.get(name)?.includes('retry') === true;
    if (refunds.size - Math.min(1, refundsByKey.size) > 1 && !isRetried) {
      this.report('undone-once', `${id} is refunded ${refunds.size} times`);
    }
    if (!service.revertible) {
      if (refunds.size > 0) this.report('undone-once', `${id} is refunded, but its service is not revertible`);
      return;
    }
    const orchestration = this.observations.byOrder(order);
    if (!orchestration) return this.report('effects', `${id} belongs to no orchestration`);
    const isCommitted = this.outputOf(orchestration, task) === id;
    if (isCommitted && eventsOf(orchestration, 'orchestration_completed').length > 0) {
      // An operator can revert a second description of the same effect.
      if (refunds.size > 0 && !isRetried) {
        this.report('undone-once', `${id} is refunded, but its orchestration completed with it`);
      }
      return;
    }
    if (refunds.size > 0 || this.isListed(orchestration, charge)) return;
    const ending = terminalEvents(orchestration)[0]?.event.type ?? 'no end';
    const isPartial = this.observations.notUndone.get(name)?.has('partial') === true;
    const rule = isPartial ? 'partial' : isCommitted ? 'committed' : 'effects';
    this.report(rule, `${id} (${service.bank} bank) is neither refunded nor listed after ${ending}`);
  }

  private outputOf(orchestration: ObservedOrchestration, task: string): unknown {
    const output = eventsOf(orchestration, 'task_completed', task).at(-1)?.event.output;
    return (output as { readonly charge?: unknown } | undefined)?.charge;
  }

  /** By a record that is pending, or that an operator has decided, and that is about this charge. */
  private isListed(orchestration: ObservedOrchestration, { id, task }: Charge): boolean {
    return this.records.some((record) => {
      if (record.orchestrationId !== orchestration.id || record.taskId !== task) return false;
      if (record.resolutionState !== 'pending' && !this.operator.decided.has(record.id)) return false;
      if (record.status === 'duplicate') return chargeOf(record.otherOutput) === id;
      const reverted = (record.data as { readonly taskResult?: unknown } | null)?.taskResult;
      return (
        reverted == null ||
        chargeOf(reverted) === id ||
        chargeOf(record.lateOutput) === id ||
        chargeOf(record.otherOutput) === id
      );
    });
  }

  private checkRecord({ orchestrationId, taskId, status, output, otherOutput }: ListedRecord): void {
    const orchestration = this.observations.orchestrations.get(orchestrationId);
    if (!orchestration) return this.report('listed', `a record of an unknown orchestration: ${orchestrationId}`);
    const name = `${orchestration.order.name}/${taskId}`;
    const how = this.observations.notUndone.get(name);
    const attempts =
      eventsOf(orchestration, 'compensation_attempt_failed', taskId).length +
      eventsOf(orchestration, 'compensation_paused', taskId).length;
    const charged = this.bank.charges.filter(({ order, task }) => `${order}/${task}` === name).map(({ id }) => id);
    const reasons: Readonly<Record<string, boolean>> = {
      failed: how?.has('failed') === true || attempts + 1 >= MAX_REVERT_ATTEMPTS,
      partial: how?.has('partial') === true,
      // E11 checks that it did not expire early.
      expired: true,
      in_doubt: this.mayBeInDoubt(orchestration, taskId),
      duplicate:
        JSON.stringify(output) !== JSON.stringify(otherOutput) &&
        [output, otherOutput].every((one) => charged.includes(chargeOf(one) ?? '')),
    };
    if (reasons[status] !== true) this.report('listed', `${name} is listed as ${status} without a reason`);
  }

  /** Without a fault, a task is in doubt that ran past its limit, threw after its signal fired, or had a wrong output. */
  private mayBeInDoubt(orchestration: ObservedOrchestration, taskId: string): boolean {
    const task = orchestration.order.tasks.find(({ id }) => id === taskId);
    const service = this.spec.services.find(({ name }) => name === task?.service);
    // Then it is reverted without an output.
    if (!service || service.also.includes('unknown')) return false;
    if (eventsOf(orchestration, 'task_started', taskId).length === 0) return false;
    const { slow, throw: throws, 'bad-output': bad, 'big-output': big } = service.shares;
    // A queue can be longer than the limit of its tasks.
    return this.spec.faults.length > 0 || service.concurrency !== undefined || slow + throws + bad + big > 0;
  }
}

const chargeOf = (output: unknown): string | undefined =>
  (output as { readonly charge?: string } | null | undefined)?.charge;

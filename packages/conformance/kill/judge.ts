/** Compares the ledger of the banks with what the engine shows, at rest. */
import type { OrraClient } from '@orra-ts/client';
import type { CompensationFailureView, OrchestrationInspection } from '@orra-ts/protocol';
import type { Bank, Charge } from './bank';

export interface Verdict {
  /** Empty if the promise of docs/outcomes.md holds. */
  readonly violations: readonly string[];
  /** How many charges are part of a completed orchestration, undone, or listed for an operator. */
  readonly counts: { committed: number; undone: number; listed: number; orchestrations: number };
  /** How many records of each kind the list has. */
  readonly records: Readonly<Record<string, number>>;
}

const ENDS = new Set(['completed', 'failed', 'aborted', 'cancelled']);

export interface JudgedRun {
  readonly bank: Bank;
  readonly orra: OrraClient;
  /** The ids of all submissions that the engine accepted. */
  readonly accepted: readonly string[];
  /** A wall clock that jumps before a restart of the engine can end the time to live of a revert. */
  readonly clockJumps: boolean;
}

export async function judge({ bank, orra, accepted, clockJumps }: JudgedRun): Promise<Verdict> {
  const inspections = new Map<string, OrchestrationInspection>();
  for (const { id } of Object.values(await orra.orchestrations.list()).flat()) {
    const inspection = await orra.orchestrations.inspect(id);
    inspections.set(orderOf(inspection), inspection);
  }
  const records = await orra.compensationFailures.list();
  const violations: string[] = [];
  const counts = { committed: 0, undone: 0, listed: 0, orchestrations: inspections.size };

  const ids = new Set([...inspections.values()].map(({ id }) => id));
  for (const id of accepted) if (!ids.has(id)) violations.push(`${id} was accepted and is lost`);
  for (const { id, status } of inspections.values()) {
    if (!ENDS.has(status)) violations.push(`${id} has not ended: ${status}`);
  }
  for (const charge of bank.charges) {
    const where = placeOf(charge, inspections.get(charge.order), records);
    if (where.problem !== undefined) violations.push(`${charge.id} of ${charge.order}: ${where.problem}`);
    else if (where.place !== undefined) counts[where.place]++;
  }
  for (const { orchestrationId, taskId, status } of records) {
    const charges = bank.charges.filter(
      ({ order, service }) => inspections.get(order)?.id === orchestrationId && service === taskId,
    );
    const isAllowed =
      status === 'in_doubt' || (status === 'expired' && clockJumps) || (status === 'duplicate' && charges.length > 1);
    if (!isAllowed) violations.push(`${taskId} of ${orchestrationId} is listed as ${status} without a reason`);
  }
  return { violations, counts, records: countBy(records.map(({ status }) => status)) };
}

const orderOf = ({ taskZero, id }: OrchestrationInspection): string =>
  (taskZero as { readonly order?: string } | undefined)?.order ?? id;

interface Place {
  readonly place?: 'committed' | 'undone' | 'listed';
  readonly problem?: string;
}

function placeOf(
  { id, service, refunds, refundsByTaskKey }: Charge,
  orchestration: OrchestrationInspection | undefined,
  records: readonly CompensationFailureView[],
): Place {
  if (!orchestration) return { problem: 'belongs to no orchestration' };
  const { status, tasks = [] } = orchestration;
  const output = tasks.find((task) => task.id === service)?.output as { readonly charge?: string } | undefined;
  const isUndone = refunds.size + refundsByTaskKey.size > 0;
  if (status === 'completed' && output?.charge === id) {
    return isUndone ? { problem: 'is undone, but its orchestration completed with it' } : { place: 'committed' };
  }
  // A revert without output may be followed by one with it, when the success arrives late. The bank sees one charge.
  if (refunds.size > 1 || refundsByTaskKey.size > 1) return { problem: 'is undone twice' };
  if (isUndone) return { place: 'undone' };
  const isListed = records.some(
    ({ orchestrationId, taskId }) => orchestrationId === orchestration.id && taskId === service,
  );
  return isListed ? { place: 'listed' } : { problem: `is neither undone nor listed; its orchestration is ${status}` };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

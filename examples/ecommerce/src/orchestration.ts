/** Types of what `app.orra` answers with, and waiting for the very end of an orchestration. */
import type { OrraApplication } from '@orra-ts/sdk';
import { setTimeout as wait } from 'node:timers/promises';

export type Submitted = Awaited<ReturnType<ReturnType<OrraApplication['orra']['action']>['submit']>>;
export type Inspection = Awaited<ReturnType<Submitted['inspect']>>;
export type TaskInspection = NonNullable<Inspection['tasks']>[number];
export type Update = ReturnType<Submitted['updates']> extends AsyncIterable<infer U> ? U : never;

const OPEN = ['pending', 'processing'];

/** An orchestration ends before it is compensated; this waits for that too. */
export async function settled(order: Submitted, signal: AbortSignal): Promise<Inspection> {
  for (;;) {
    const inspection = await order.inspect({ signal });
    const open = [inspection.status, ...(inspection.tasks ?? []).map(({ compensation }) => compensation?.status)];
    if (!open.some((status) => status !== undefined && OPEN.includes(status))) return inspection;
    await wait(25, undefined, { signal });
  }
}

/** Services whose work was undone, in the order in which that was done. */
export function compensated({ tasks = [] }: Inspection): readonly string[] {
  return tasks
    .flatMap(({ serviceName, compensationHistory = [] }) =>
      compensationHistory
        .filter(({ status }) => status === 'completed')
        .map(({ timestamp }) => ({ serviceName, timestamp })),
    )
    .sort((a, b) => a.timestamp.localeCompare(b.timestamp))
    .map(({ serviceName }) => serviceName);
}

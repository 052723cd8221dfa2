/** What was undone of an orchestration, and in which order. */
import type { OrchestrationInspection } from '@orra-ts/sdk';

/** Services whose work was undone, in the order in which that was done. */
export function compensated({ tasks = [] }: OrchestrationInspection): readonly string[] {
  return tasks
    .flatMap(({ serviceName, compensationHistory = [] }) =>
      compensationHistory
        .filter(({ status }) => status === 'completed')
        .map(({ timestamp }) => ({ serviceName, timestamp })),
    )
    .sort((a, b) => a.timestamp.localeCompare(b.timestamp))
    .map(({ serviceName }) => serviceName);
}

/** The compensations of an orchestration. */
import type { OrchestrationInspection } from '@orra-ts/sdk';

/** Services whose tasks were compensated, in the order of compensation. */
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

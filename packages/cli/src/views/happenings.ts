/** What is new between two looks at an orchestration, in order of time: what `verify run --follow` shows. */
import type { CompensationStatus, OrchestrationInspection, TaskStatus } from '@orra-ts/protocol';
import { isJsonObject } from '@orra-ts/protocol';
import { statusText } from '../output/icons';
import type { Style } from '../output/output';
import { inert } from '../output/text';
import { progressBar, progressOf } from './progress';

interface OfTask {
  readonly taskId: string;
  readonly service: string;
  readonly timestamp: string;
}

export type Happening =
  | (OfTask & { readonly type: 'status'; readonly status: TaskStatus; readonly error?: string })
  | (OfTask & { readonly type: 'update'; readonly data: unknown })
  | (OfTask & {
      readonly type: 'compensation';
      readonly status: CompensationStatus;
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly error?: string;
    });

/** @param before undefined: everything is new */
export function happeningsBetween(
  before: OrchestrationInspection | undefined,
  after: OrchestrationInspection,
): Happening[] {
  const happenings = (after.tasks ?? []).flatMap((task) => {
    const old = before?.tasks?.find(({ id }) => id === task.id);
    const of = { taskId: task.id, service: task.serviceName };
    const fresh = <T>(now: readonly T[] | null | undefined, then: readonly T[] | null | undefined): readonly T[] =>
      (now ?? []).slice(then?.length ?? 0);
    return [
      ...fresh(task.statusHistory, old?.statusHistory).map(({ timestamp, status, error }): Happening => ({
        type: 'status',
        ...of,
        timestamp,
        status,
        ...(error ? { error } : {}),
      })),
      ...fresh(task.interimResults, old?.interimResults).map(({ timestamp, data }): Happening => ({
        type: 'update',
        ...of,
        timestamp,
        data,
      })),
      ...fresh(task.compensationHistory, old?.compensationHistory).map(
        ({ timestamp, status, attempt, maxAttempts, error }): Happening => ({
          type: 'compensation',
          ...of,
          timestamp,
          status,
          attempt,
          maxAttempts,
          ...(error ? { error } : {}),
        }),
      ),
    ];
  });
  // Stable: what happened at one time keeps the engine's order.
  return happenings.sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

export function happeningLine(happening: Happening, { colours, times }: Style): string {
  const { timestamp, service, taskId } = happening;
  const begin = `${times.time(timestamp)}  ${inert(service)} (${inert(taskId)})  `;
  switch (happening.type) {
    case 'status':
      return begin + statusText(happening.status, colours) + reason(happening.error);
    case 'update':
      return begin + updateText(happening.data);
    case 'compensation': {
      const { status, attempt, maxAttempts, error } = happening;
      const counts = status === 'processing' || status === 'failed' ? `(${attempt}/${maxAttempts})` : '';
      return `${begin}${colours.dim('compensation')} ${statusText(status, colours, counts)}${reason(error)}`;
    }
  }
}

const reason = (error: string | undefined): string => (error ? ` - ${inert(error)}` : '');

function updateText(data: unknown): string {
  const progress = progressOf([data]);
  const message = isJsonObject(data) ? (data['message'] ?? data['status']) : undefined;
  const said = typeof message === 'string' ? inert(message) : inert(JSON.stringify(data));
  return progress === undefined ? said : `${progressBar(progress)}  ${said}`;
}

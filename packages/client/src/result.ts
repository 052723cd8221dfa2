/** How an orchestration ended. */
import { type OrchestrationInspection, isJsonObject } from '@orra-ts/protocol';

export interface OrchestrationFailure {
  /** Never empty. */
  readonly message: string;
  /** Task that gave up; absent when no plan could be made. */
  readonly task?: string;
  /** Name of that task's service. */
  readonly service?: string;
}

/**
 * The final word on an orchestration. `status` decides which other members there are.
 *
 * @typeParam O what the plan's last task answers with; a label for the reader, nothing checks it
 */
export type OrchestrationResult<O = unknown> =
  | {
      readonly status: 'completed';
      readonly id: string;
      /** Output of the plan's last task: the first of `results`. */
      readonly output: O;
      readonly results: readonly unknown[];
    }
  | { readonly status: 'failed'; readonly id: string; readonly error: OrchestrationFailure }
  | {
      readonly status: 'aborted';
      readonly id: string;
      /** What `task.abort(payload)` was called with; undefined when it was called without. */
      readonly payload: unknown;
      /** Id of the task that aborted. */
      readonly task?: string;
      /** Name of its service. */
      readonly service?: string;
    }
  | { readonly status: 'cancelled'; readonly id: string; readonly reason?: string }
  | { readonly status: 'not_actionable'; readonly id: string; readonly reason: string };

/** Undefined while the orchestration is open. */
export function readResult<O>(inspection: OrchestrationInspection): OrchestrationResult<O> | undefined {
  const { id, status, error } = inspection;
  switch (status) {
    case 'completed': {
      const results = inspection.results ?? [];
      return { status, id, output: results[0] as O, results };
    }
    case 'failed':
      return { status, id, error: readFailure(inspection) };
    case 'aborted': {
      // The Go engine leaves this out when the abort had no payload.
      const { payload, taskId, serviceName } = inspection.abortInfo ?? {};
      const aborter = inspection.tasks?.find((task) => task.status === 'aborted');
      return { status, id, payload, task: taskId ?? aborter?.id, service: serviceName ?? aborter?.serviceName };
    }
    case 'cancelled':
      return { status, id, reason: error === undefined ? undefined : textOf(error) };
    case 'not_actionable':
      return { status, id, reason: textOf(error) };
    case 'pending':
    case 'processing':
      return undefined;
  }
}

/** It has ended, and nothing that can be seen is left to compensate. */
export const isSettled = (inspection: OrchestrationInspection): boolean =>
  readResult(inspection) !== undefined &&
  (inspection.tasks ?? []).every(({ compensation }) => !['pending', 'processing'].includes(compensation?.status ?? ''));

/** Its error is a text when planning failed, else an object that names the entry of the log: `task_fail_<task>_<short id>`. */
function readFailure({ error, tasks = [] }: OrchestrationInspection): OrchestrationFailure {
  const message = textOf(error);
  const entry = isJsonObject(error) && typeof error['id'] === 'string' ? error['id'] : '';
  const id = /^task_fail_(.+)_[^_]+$/.exec(entry)?.[1];
  const producer = isJsonObject(error) ? error['producer'] : undefined;
  const task =
    tasks.find((candidate) => id !== undefined && candidate.id.toLowerCase() === id.toLowerCase()) ??
    tasks.find((candidate) => candidate.serviceId === producer);
  return { message, task: task?.id ?? id, service: task?.serviceName };
}

function textOf(error: unknown): string {
  const inner = isJsonObject(error) ? (error['error'] ?? error['message']) : error;
  if (typeof inner === 'string' && inner !== '') return inner;
  return error === undefined || error === null || error === '' ? 'the engine gave no reason' : JSON.stringify(error);
}

/** The result of an orchestration, read from its inspection. */
import { withoutUndefined } from '@orra-ts/common';
import { type FailureDetailsView, type OrchestrationInspection, isJsonObject } from '@orra-ts/protocol';

/**
 * Why an orchestration failed. `name`, `code`, `details` and `causes` are those of the error that the service reported;
 * absent on the Go engine, and if the engine itself gave up, for example after a timeout. Match on `code`.
 */
export interface OrchestrationFailure extends FailureDetailsView {
  /** Never empty. */
  readonly message: string;
  /** Id of the task that failed; absent when planning failed. */
  readonly task?: string;
  /** Name of the service of that task. */
  readonly service?: string;
}

/**
 * The final result of an orchestration. `status` determines the other members.
 *
 * @typeParam O output of the plan's last task; not checked at run time
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
      /** Argument of `task.abort(payload)`; undefined when it was called without one. */
      readonly payload: unknown;
      /** Id of the task that aborted. */
      readonly task?: string;
      /** Name of the service of that task. */
      readonly service?: string;
    }
  | { readonly status: 'cancelled'; readonly id: string; readonly reason?: string }
  | { readonly status: 'not_actionable'; readonly id: string; readonly reason: string };

/** Returns undefined while the orchestration is open. */
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
      // The Go engine omits `abortInfo` when the abort had no payload.
      const { payload, taskId, serviceName } = inspection.abortInfo ?? {};
      const aborter = inspection.tasks?.find((task) => task.status === 'aborted');
      return { status, id, payload, task: taskId ?? aborter?.id, service: serviceName ?? aborter?.serviceName };
    }
    case 'cancelled':
      return { status, id, reason: error === undefined ? undefined : errorMessage(error) };
    case 'not_actionable':
      return { status, id, reason: errorMessage(error) };
    case 'pending':
    case 'processing':
      return undefined;
  }
}

/**
 * Whether the orchestration has ended and waits for nothing any more: no late result and no compensation. The Go engine
 * does not list what it waits for; there, a compensation that has not started is not visible.
 */
export const isSettled = (inspection: OrchestrationInspection): boolean =>
  readResult(inspection) !== undefined &&
  (inspection.waitingFor ?? []).length === 0 &&
  (inspection.tasks ?? []).every(({ compensation }) => !['pending', 'processing'].includes(compensation?.status ?? ''));

/** The error is a string when planning failed. Otherwise it is an object whose `id` is `task_fail_<task>_<short id>`. */
function readFailure({ error, tasks = [] }: OrchestrationInspection): OrchestrationFailure {
  const message = errorMessage(error);
  const entry = isJsonObject(error) && typeof error['id'] === 'string' ? error['id'] : '';
  const id = /^task_fail_(.+)_[^_]+$/.exec(entry)?.[1];
  const producer = isJsonObject(error) ? error['producer'] : undefined;
  const task =
    tasks.find((candidate) => id !== undefined && candidate.id.toLowerCase() === id.toLowerCase()) ??
    tasks.find((candidate) => candidate.serviceId === producer);
  return { message, task: task?.id ?? id, service: task?.serviceName, ...readDetails(error) };
}

function readDetails(error: unknown): FailureDetailsView {
  if (!isJsonObject(error)) return {};
  const { name, code, details, causes } = error as FailureDetailsView;
  return withoutUndefined({ name, code, details, causes });
}

function errorMessage(error: unknown): string {
  const inner = isJsonObject(error) ? (error['error'] ?? error['message']) : error;
  if (typeof inner === 'string' && inner !== '') return inner;
  return error === undefined || error === null || error === '' ? 'the engine gave no reason' : JSON.stringify(error);
}

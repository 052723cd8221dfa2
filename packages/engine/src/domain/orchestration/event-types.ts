/** The kinds of events that this version can read. */
import type { OrchestrationEvent } from './events';

const EVENT_TYPES: Readonly<Record<OrchestrationEvent['type'], true>> = {
  submitted: true,
  planned: true,
  planning_failed: true,
  task_started: true,
  task_redelivered: true,
  task_paused: true,
  task_updated: true,
  task_completed: true,
  task_attempt_failed: true,
  task_aborted: true,
  task_settled: true,
  orchestration_completed: true,
  orchestration_failed: true,
  orchestration_aborted: true,
  orchestration_cancelled: true,
  late_results_closed: true,
  compensation_added: true,
  in_doubt_recorded: true,
  duplicate_recorded: true,
  compensation_started: true,
  compensation_paused: true,
  compensation_held: true,
  compensation_attempt_failed: true,
  compensation_finished: true,
  compensation_failure_resolved: true,
  compensation_retried: true,
  webhook_queued: true,
  webhook_attempt_failed: true,
  webhook_delivered: true,
  webhook_given_up: true,
};

/** Returns the kind of the first event that this version does not know, such as one of a newer version. */
export const unknownEventType = (events: readonly { readonly type: string }[]): string | undefined =>
  events.find(({ type }) => !Object.hasOwn(EVENT_TYPES, type))?.type;

/** An event as a stream shows it; undefined for events that only the engine needs. */
import { failureDetailsView, type FailureDetails, type FailureDetailsView, type StreamEvent } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { shownOrchestration, type ShownOrchestration } from '../domain/orchestration/shown';
import type { OrchestrationState } from '../domain/orchestration/state';
import { DUPLICATE } from './compensation-history';
import { NOT_PLANNED } from './inspection-view';
import { shownTime, toTimestamp } from '../wire-time';

/** Data that the events do not contain. */
export interface StreamFacts {
  readonly action: string;
  readonly serviceNames: ReadonlyMap<string, string>;
  /** Masks sensitive values. */
  readonly shown: ShownOrchestration['event'];
  /** See `InspectionContext`. */
  readonly isGuest?: boolean;
}

export function factsOf(state: OrchestrationState): StreamFacts {
  const shown = shownOrchestration(state);
  const { action, tasks } = shown.state;
  return {
    action: action.content,
    serviceNames: new Map([...tasks].map(([id, { plan }]) => [id, plan.serviceName])),
    shown: shown.event,
  };
}

export function toStreamEvent(
  original: OrchestrationEvent,
  orchestrationId: string,
  facts: StreamFacts,
): StreamEvent | undefined {
  const event = facts.shown(original);
  const about = { orchestrationId, timestamp: toTimestamp(shownTime(event)) };
  const ofTask = (taskId: string): typeof about & { readonly taskId: string; readonly serviceName: string } => ({
    ...about,
    taskId,
    serviceName: facts.serviceNames.get(taskId) ?? '',
  });
  switch (event.type) {
    case 'submitted':
      return { type: 'orchestration.pending', ...about, action: event.action.content };
    case 'planned':
      return { type: 'orchestration.processing', ...about, action: facts.action };
    case 'planning_failed': {
      const error = facts.isGuest === true && event.status === 'failed' ? NOT_PLANNED : event.error;
      return { type: `orchestration.${event.status}`, ...about, action: facts.action, error };
    }
    case 'orchestration_completed':
      return { type: 'orchestration.completed', ...about, action: facts.action, results: event.results };
    case 'orchestration_failed':
      return { type: 'orchestration.failed', ...about, action: facts.action, error: event.error };
    case 'orchestration_aborted': {
      const reason = event.payload === undefined ? {} : { abortReason: event.payload };
      return { type: 'orchestration.aborted', ...about, action: facts.action, ...reason };
    }
    case 'orchestration_cancelled':
      return { type: 'orchestration.cancelled', ...about, action: facts.action, error: event.reason };
    case 'task_started':
      return { type: 'task.processing', ...ofTask(event.taskId), attempt: event.attempt };
    case 'task_paused':
      return { type: 'task.paused', ...ofTask(event.taskId), error: event.reason };
    case 'task_updated':
      return { type: 'task.update', ...ofTask(event.taskId), data: event.data };
    case 'task_completed':
      return { type: 'task.completed', ...ofTask(event.taskId) };
    case 'task_attempt_failed': {
      const next = event.retryAt === undefined ? {} : { retryAt: toTimestamp(event.retryAt) };
      return { type: 'task.failed', ...ofTask(event.taskId), error: event.error, ...detailsOf(event), ...next };
    }
    case 'task_aborted':
      return { type: 'task.aborted', ...ofTask(event.taskId) };
    case 'compensation_started':
      return { type: 'compensation.processing', ...ofTask(event.taskId), attempt: event.attempt };
    case 'compensation_paused':
      return { type: 'compensation.pending', ...ofTask(event.taskId), error: event.reason };
    case 'compensation_attempt_failed':
      return { type: 'compensation.pending', ...ofTask(event.taskId), error: event.error, ...detailsOf(event) };
    case 'compensation_held':
    case 'compensation_retried':
      return { type: 'compensation.pending', ...ofTask(event.taskId) };
    case 'compensation_finished': {
      const error = event.error === undefined ? {} : { error: event.error };
      return {
        type: `compensation.${event.status}`,
        ...ofTask(event.taskId),
        ...error,
        ...detailsOf(event),
        ...event.partial,
      };
    }
    case 'in_doubt_recorded':
      return {
        type: 'compensation.failed',
        ...ofTask(event.taskId),
        detail: 'in_doubt',
        error: event.error,
        ...detailsOf(event),
      };
    case 'duplicate_recorded':
      return { type: 'compensation.failed', ...ofTask(event.taskId), detail: 'duplicate', error: DUPLICATE };
    case 'late_results_closed':
    case 'task_redelivered':
    case 'task_settled':
    case 'compensation_added':
    case 'compensation_failure_resolved':
    case 'webhook_queued':
    case 'webhook_attempt_failed':
    case 'webhook_delivered':
    case 'webhook_given_up':
      return undefined;
  }
}

const detailsOf = ({
  failure,
}: {
  readonly failure?: FailureDetails;
}): { readonly failureDetails?: FailureDetailsView } =>
  failure ? { failureDetails: failureDetailsView(failure) } : {};

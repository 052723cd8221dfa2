/** Builds state from events. Every event of `decide` applies to the state for which it was decided. */
import { assertNever } from '@orra-ts/common';
import { isTerminalStatus, type OrchestrationId, type ProjectId } from '@orra-ts/protocol';
import { backingOff, paused, started } from './attempt';
import type { EventOf, OrchestrationEvent } from './events';
import type { CompensationFailure, CompensationState, OrchestrationState, TaskState, WebhookDelivery } from './state';

/** The state before the first event. */
export const initialState: OrchestrationState = {
  id: '' as OrchestrationId,
  projectId: '' as ProjectId,
  status: 'pending',
  action: { type: '', content: '' },
  data: null,
  metadata: {},
  submittedAt: 0,
  changedAt: 0,
  tasks: new Map(),
  compensations: [],
  lateResultsClosed: false,
  webhooks: new Map(),
  updateSize: 0,
  sequence: 0,
};

export function replay(
  events: Iterable<OrchestrationEvent>,
  from: OrchestrationState = initialState,
): OrchestrationState {
  let state = from;
  for (const event of events) state = evolve(state, event);
  return state;
}

function evolve(state: OrchestrationState, event: OrchestrationEvent): OrchestrationState {
  return { ...apply(state, event), sequence: state.sequence + 1 };
}

function apply(state: OrchestrationState, event: OrchestrationEvent): OrchestrationState {
  switch (event.type) {
    case 'submitted':
      return {
        ...state,
        id: event.orchestrationId,
        projectId: event.projectId,
        action: event.action,
        data: event.data,
        explicit: event.explicit,
        timeoutMs: event.timeoutMs,
        healthGraceMs: event.healthGraceMs,
        metadata: event.metadata ?? {},
        submittedAt: event.at,
        changedAt: event.at,
      };
    case 'planned':
      return {
        ...state,
        status: 'processing',
        changedAt: event.at,
        explicit: undefined,
        plan: event.plan,
        source: event.source,
        planning: event.planning,
        grounding: event.grounding,
        tasks: new Map(
          event.plan.tasks.map((plan) => [
            plan.id,
            { plan, phase: { kind: 'waiting' }, attempt: 0, pauses: 0, updates: 0 },
          ]),
        ),
      };
    case 'planning_failed':
      return {
        ...state,
        status: event.status,
        changedAt: event.at,
        error: event.error,
        problems: event.problems,
        nearest: event.nearest,
        planning: event.planning,
        grounding: event.grounding,
      };
    case 'task_started':
      return withTask(state, event.taskId, (task) => ({ ...task, ...started(task, event) }));
    case 'task_paused':
      return withTask(state, event.taskId, (task) => ({ ...task, ...paused(task, event.at) }));
    case 'task_updated':
      return {
        ...withTask(state, event.taskId, (task) => ({ ...task, updates: task.updates + 1 })),
        updateSize: state.updateSize + (event.size ?? 0),
      };
    case 'task_completed':
      return taskCompleted(state, event);
    case 'task_attempt_failed':
      return withTask(state, event.taskId, (task) => ({
        ...task,
        ...(event.retryAt === undefined
          ? { phase: { kind: 'failed', at: event.at, error: event.error } }
          : backingOff(task, event.retryAt)),
      }));
    case 'task_aborted':
      return withTask(state, event.taskId, (task) => ({
        ...task,
        phase: { kind: 'aborted', at: event.at, payload: event.payload },
      }));
    case 'orchestration_completed':
      return { ...state, status: 'completed', changedAt: event.at, results: event.results };
    case 'orchestration_failed':
      return ended(state, 'failed', {
        error: event.error,
        ending: { at: event.at, taskId: event.taskId, failure: event.error, payload: event.error },
      });
    case 'orchestration_aborted':
      return ended(state, 'aborted', { ending: { at: event.at, taskId: event.taskId, payload: event.payload } });
    case 'orchestration_cancelled':
      return ended(state, 'cancelled', {
        error: event.reason,
        ending: { at: event.at, payload: { reason: event.reason } },
      });
    case 'late_results_closed':
      return { ...state, lateResultsClosed: true };
    case 'compensation_started':
      return withCompensation(state, event.taskId, (compensation) => ({
        ...compensation,
        ...started(compensation, event),
      }));
    case 'compensation_paused':
      return withCompensation(state, event.taskId, (compensation) => ({
        ...compensation,
        ...paused(compensation, event.at),
      }));
    case 'compensation_attempt_failed':
      return withCompensation(state, event.taskId, (compensation) => ({
        ...compensation,
        ...backingOff(compensation, event.retryAt),
      }));
    case 'compensation_finished':
      return withCompensation(state, event.taskId, (compensation) => ({
        ...compensation,
        phase: { kind: 'finished', status: event.status, answered: event.answered === true },
        failure: failureAfter(compensation, event),
      }));
    case 'compensation_failure_resolved':
      return withCompensation(state, event.taskId, ({ failure, ...compensation }) => ({
        ...compensation,
        failure: failure && {
          ...failure,
          resolutionState: event.resolution,
          resolution: event.reason,
          resolvedAt: event.at,
        },
      }));
    case 'compensation_retried':
      return withCompensation(state, event.taskId, ({ failure, ...compensation }) => ({
        ...compensation,
        phase: { kind: 'pending' },
        attempt: 0,
        pauses: 0,
        round: compensation.round + (compensation.phase.kind === 'finished' && compensation.phase.answered ? 1 : 0),
        retriedAt: event.at,
        failure: failure && { ...failure, resolutionState: 'pending', resolution: undefined, resolvedAt: undefined },
      }));
    case 'webhook_queued': {
      const { id, url, webhookId, failure, at } = event;
      return withWebhook(state, id, { id, url, webhookId, failure, queuedAt: at, attempts: 0, dueAt: at });
    }
    case 'webhook_attempt_failed': {
      const before = state.webhooks.get(event.id);
      return before
        ? withWebhook(state, event.id, { ...before, attempts: before.attempts + 1, dueAt: event.retryAt })
        : state;
    }
    case 'webhook_delivered':
    case 'webhook_given_up':
      return withWebhook(state, event.id, undefined);
    default:
      return assertNever(event, 'orchestration event');
  }
}

function taskCompleted(state: OrchestrationState, event: EventOf<'task_completed'>): OrchestrationState {
  const next = withTask(state, event.taskId, (task) => ({
    ...task,
    phase: {
      kind: 'completed',
      at: event.at,
      order: state.sequence,
      output: event.output,
      compensation: event.compensation,
    },
  }));
  // Late work is undone like the rest (E5): it was completed last, so it comes first.
  if (!isTerminalStatus(state.status) || !event.compensation) return next;
  return { ...next, compensations: [...next.compensations, compensationOf(event.taskId, event.at)] };
}

function ended(
  state: OrchestrationState,
  status: 'failed' | 'aborted' | 'cancelled',
  facts: Pick<OrchestrationState, 'error' | 'ending'>,
): OrchestrationState {
  const completed: { readonly order: number; readonly compensation: CompensationState }[] = [];
  for (const { plan, phase } of state.tasks.values()) {
    if (phase.kind !== 'completed' || !phase.compensation) continue;
    completed.push({ order: phase.order, compensation: compensationOf(plan.id, phase.at) });
  }
  const compensations = completed.sort((a, b) => a.order - b.order).map(({ compensation }) => compensation);
  return { ...state, ...facts, status, changedAt: facts.ending?.at ?? state.changedAt, compensations };
}

/** Each compensation has at most one record: a retry that fails renews it, one that succeeds resolves it. */
function failureAfter(
  { failure, attempt }: CompensationState,
  { status, failureId, error, at }: EventOf<'compensation_finished'>,
): CompensationFailure | undefined {
  if (status === 'failed' || status === 'expired') {
    return failureId === undefined
      ? failure
      : { id: failureId, status, error, attempts: attempt, at, resolutionState: 'pending' };
  }
  return failure && { ...failure, resolutionState: 'resolved', resolution: RESOLVED_BY_RETRY, resolvedAt: at };
}
const RESOLVED_BY_RETRY = 'compensated by a retry';

const compensationOf = (taskId: string, completedAt: number): CompensationState => ({
  taskId,
  completedAt,
  phase: { kind: 'pending' },
  attempt: 0,
  pauses: 0,
  round: 0,
});

function withWebhook(state: OrchestrationState, id: string, delivery: WebhookDelivery | undefined): OrchestrationState {
  const webhooks = new Map(state.webhooks);
  if (delivery) webhooks.set(id, delivery);
  else webhooks.delete(id);
  return { ...state, webhooks };
}

function withTask(state: OrchestrationState, id: string, change: (task: TaskState) => TaskState): OrchestrationState {
  const task = state.tasks.get(id);
  if (!task) return state;
  return { ...state, tasks: new Map(state.tasks).set(id, change(task)) };
}

function withCompensation(
  state: OrchestrationState,
  taskId: string,
  change: (compensation: CompensationState) => CompensationState,
): OrchestrationState {
  return {
    ...state,
    compensations: state.compensations.map((compensation) =>
      compensation.taskId === taskId ? change(compensation) : compensation,
    ),
  };
}

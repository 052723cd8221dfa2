/** Builds state from events. Every event of `decide` applies to the state for which it was decided. */
import { assertNever } from '@orra-ts/common';
import { isTerminalStatus, type OrchestrationId, type ProjectId } from '@orra-ts/protocol';
import { backingOff, paused, started } from './attempt';
import { afterFailure, delivered, redelivered, settled, stillOpen, withoutNewest } from './deliveries';
import type { EventOf, OrchestrationEvent, TaskFailure } from './events';
import { afterLateSuccess, compensationsAtEnd, evolveCompensations } from './evolve-compensations';
import type { ResolvedTask } from '../plan/resolved-plan';
import type { OrchestrationState, TaskState, WebhookDelivery } from './state';

/** The state before the first event. It names all members: objects of one shape are copied much faster. */
export const initialState: OrchestrationState = {
  id: '' as OrchestrationId,
  projectId: '' as ProjectId,
  status: 'pending',
  action: { type: '', content: '' },
  data: null,
  explicit: undefined,
  timeoutMs: undefined,
  healthGraceMs: undefined,
  metadata: {},
  submittedAt: 0,
  changedAt: 0,
  plan: undefined,
  source: undefined,
  planning: undefined,
  grounding: undefined,
  problems: undefined,
  nearest: undefined,
  tasks: new Map(),
  results: undefined,
  error: undefined,
  ending: undefined,
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
        hidesData: event.hidesData,
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
        tasks: new Map(event.plan.tasks.map((plan) => [plan.id, newTask(plan)])),
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
      return withTask(state, event.taskId, (task) => ({ ...task, ...started(task, event), ...delivered(task, event) }));
    case 'task_redelivered':
      return withTask(state, event.taskId, (task) => ({ ...task, ...redelivered(task, event) }));
    case 'task_paused':
      return withTask(state, event.taskId, (task) => ({
        ...task,
        ...paused(task, event.at),
        ...(event.sent === false ? withoutNewest(task) : {}),
      }));
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
        ...afterFailure(task, event),
      }));
    case 'task_aborted':
      return withTask(state, event.taskId, (task) => ({
        ...task,
        phase: { kind: 'aborted', at: event.at, payload: event.payload },
        deliveries: stillOpen(task, event.open),
        unknownEffect: undefined,
      }));
    case 'task_settled':
      return withTask(state, event.taskId, (task) => ({ ...task, ...settled(task, event) }));
    case 'orchestration_completed':
      return { ...state, status: 'completed', changedAt: event.at, results: event.results };
    case 'orchestration_failed':
      return ended(withoutUnsent(state, event.unsent), 'failed', {
        error: event.error,
        ending: { at: event.at, taskId: event.taskId, failure: event.error, payload: revertPayload(event.error) },
      });
    case 'orchestration_aborted':
      return ended(withoutUnsent(state, event.unsent), 'aborted', {
        ending: { at: event.at, taskId: event.taskId, payload: event.payload },
      });
    case 'orchestration_cancelled':
      return ended(withoutUnsent(state, event.unsent), 'cancelled', {
        error: event.reason,
        ending: { at: event.at, payload: { reason: event.reason } },
      });
    case 'late_results_closed':
      return { ...state, lateResultsClosed: true };
    case 'compensation_added':
    case 'in_doubt_recorded':
    case 'duplicate_recorded':
    case 'compensation_started':
    case 'compensation_paused':
    case 'compensation_held':
    case 'compensation_attempt_failed':
    case 'compensation_finished':
    case 'compensation_failure_resolved':
    case 'compensation_retried':
      return { ...state, compensations: evolveCompensations(state, event) };
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
    deliveries: stillOpen(task, event.open),
    unknownEffect: undefined,
  }));
  if (!isTerminalStatus(state.status) || !event.compensation) return next;
  return { ...next, compensations: afterLateSuccess(state, event, event.compensation) };
}

function ended(
  state: OrchestrationState,
  status: 'failed' | 'aborted' | 'cancelled',
  facts: Pick<OrchestrationState, 'error' | 'ending'>,
): OrchestrationState {
  const compensations = compensationsAtEnd(state);
  return { ...state, ...facts, status, changedAt: facts.ending?.at ?? state.changedAt, compensations };
}

const newTask = (plan: ResolvedTask): TaskState => ({
  plan,
  phase: { kind: 'waiting' },
  attempt: 0,
  pauses: 0,
  updates: 0,
  deliveries: [],
  delivered: 0,
  hasFailed: false,
});

function withoutUnsent(state: OrchestrationState, unsent: readonly string[] = []): OrchestrationState {
  if (unsent.length === 0) return state;
  const tasks = [...state.tasks].map(([id, task]): [string, TaskState] => [
    id,
    { ...task, deliveries: task.deliveries.filter((delivery) => !unsent.includes(delivery.id)) },
  ]);
  return { ...state, tasks: new Map(tasks) };
}

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

/** The context of reverts. It has the members of the Go engine, because it is sent to services of any SDK. */
const revertPayload = ({ id, producer, error }: TaskFailure): unknown => ({ id, producer, error });

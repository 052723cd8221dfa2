/** Decisions about what services report of tasks: outcomes, updates, and what became of deliveries (E10). */
import {
  DEFAULT_COMPENSATION_TTL_MS,
  isTerminalStatus,
  type FailureDetails,
  type TaskOutcome,
  type WireFailure,
} from '@orra-ts/protocol';
import { isOutdated } from './attempt';
import type { DecisionContext } from './decide';
import { changesDeliveries, openAfterFailure, openAfterSuccess, type DeliveryHolders } from './deliveries';
import { endedBadly, isLateAccepted, revertWithoutOutput } from './doubt';
import type { EventOf, OrchestrationEvent } from './events';
import { INTERRUPTED, UNREADABLE_OUTCOME } from './found-failures';
import { duplicateRecorded, resolvedLate } from './records';
import type { CompensationState, OrchestrationState, TaskState } from './state';
import { attemptFailed, isOver, unsentOf } from './tasks';

/** Maximum updates kept per task (E8): more than anyone reads, less than fills a disk. */
const MAX_UPDATES_PER_TASK = 10_000;
/** Maximum characters of all updates of an orchestration: inspections and starts read the whole history (E8). */
const MAX_UPDATE_SIZE = 64 * 1024 * 1024;

/** A response of a service to a task. */
export interface TaskResponse {
  readonly taskId: string;
  readonly executionId?: string;
  /** @default its connection holds all deliveries */
  readonly holders?: DeliveryHolders;
}

/** A result, success or failure. */
export function receiveTaskResult(
  state: OrchestrationState,
  response: TaskResponse & { readonly outcome: TaskOutcome },
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(response.taskId);
  if (!task) return [];
  const { outcome } = response;
  return outcome.kind === 'completed'
    ? receiveSuccess(state, task, response, outcome, context)
    : receiveFailure(state, task, response, outcome, context);
}

function receiveSuccess(
  state: OrchestrationState,
  task: TaskState,
  { holders }: TaskResponse,
  { output, compensation }: Extract<TaskOutcome, { kind: 'completed' }>,
  context: DecisionContext,
): OrchestrationEvent[] {
  const { now, newId } = context;
  const { revertible, id: taskId } = task.plan;
  if (isTerminalStatus(state.status) && !isLateAccepted(state, task, context)) return [];
  // A revertible service that sent no revert data is still asked to revert, with null, as on the Go engine.
  const stored = compensation ?? { data: null, ttlMs: DEFAULT_COMPENSATION_TTL_MS };
  if (task.phase.kind === 'completed') {
    // The first outcome of a key stands (E2); a different one may be a second effect (E12).
    const second = revertible ? duplicateRecorded(state, task, output, stored, context) : [];
    return [...settled(task, 'completed', openAfterSuccess(task, holders), {}, context), ...second];
  }
  const open = openAfterSuccess(task, holders);
  const isInstead = holders?.hasRevert === true || hasNoAttempt(revertWithoutOutput(state, taskId));
  const completed: EventOf<'task_completed'> = {
    type: 'task_completed',
    at: now,
    taskId,
    id: newId(),
    output,
    ...(revertible ? { compensation: stored } : {}),
    ...(open.length > 0 ? { open } : {}),
    ...(isInstead ? { insteadOfRevert: true } : {}),
  };
  return [completed];
}

/** Between two attempts, or before its first one, a revert without output has nothing to do any more. */
const hasNoAttempt = (revert: CompensationState | undefined): boolean =>
  revert?.phase.kind === 'backing_off' || (revert?.phase.kind === 'paused' && revert.phase.executionId === undefined);

function receiveFailure(
  state: OrchestrationState,
  task: TaskState,
  { executionId, holders }: TaskResponse,
  reported: WireFailure,
  context: DecisionContext,
): OrchestrationEvent[] {
  const open = openAfterFailure(task, executionId, holders);
  const { effect } = reported;
  const isTerminal = isTerminalStatus(state.status);
  if (isTerminal && !isLateAccepted(state, task, context)) return [];
  const isLate = isOver(task) || isOutdated(task, executionId);
  if (isLate && isOfSettled(task, executionId)) return [];
  const events = isLate
    ? settled(task, 'failed', open, reported, context)
    : attemptFailed(state, task, { ...reported, open }, context);
  return isTerminal && !effect ? [...events, ...afterNoEffect(state, task, 'failed', open, holders, context)] : events;
}

/** A response to an attempt that is settled: it states nothing about the effect of later ones, and changes nothing (E2). */
const isOfSettled = ({ deliveries, unknownEffect }: TaskState, executionId: string | undefined): boolean =>
  executionId !== undefined &&
  executionId !== '' &&
  executionId !== unknownEffect?.executionId &&
  !deliveries.some((one) => one.executionId === executionId);

/** A message for this task cannot be read, so the attempt fails. Whether it had an effect is unknown. */
export function receiveMalformed(
  state: OrchestrationState,
  { error, ...response }: TaskResponse & { readonly error: string },
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(response.taskId);
  if (!task) return [];
  return receiveFailure(
    state,
    task,
    response,
    { kind: 'failed', error, failure: UNREADABLE_OUTCOME, effect: 'unknown' },
    context,
  );
}

export function receiveUpdate(
  state: OrchestrationState,
  taskId: string,
  data: unknown,
  { now, newId }: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task || isOver(task) || task.updates >= MAX_UPDATES_PER_TASK) return [];
  const size = JSON.stringify(data ?? null).length;
  if (state.updateSize + size > MAX_UPDATE_SIZE) return [];
  return [{ type: 'task_updated', at: now, taskId, id: newId(), data, size }];
}

export function receiveAbort(
  state: OrchestrationState,
  { taskId, executionId, holders, payload }: TaskResponse & { readonly payload: unknown },
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task) return [];
  if (isOver(task) && isOfSettled(task, executionId)) return [];
  const open = openAfterFailure(task, executionId, holders);
  if (isTerminalStatus(state.status)) {
    if (!isLateAccepted(state, task, context)) return [];
    return [
      ...(isOver(task) ? settled(task, 'aborted', open, {}, context) : [aborted(task, payload, open, context)]),
      ...afterNoEffect(state, task, 'aborted', open, holders, context),
    ];
  }
  if (isOver(task)) return settled(task, 'aborted', open, {}, context);
  const unsent = unsentOf(state, context, taskId);
  return [
    aborted(task, payload, open, context),
    { type: 'orchestration_aborted', at: context.now, taskId, ...payloadOf(payload), ...unsent },
  ];
}

const payloadOf = (payload: unknown): { readonly payload?: unknown } =>
  payload === undefined || payload === null ? {} : { payload };

const aborted = (
  { plan: { id: taskId } }: TaskState,
  payload: unknown,
  open: readonly string[],
  { now: at, newId }: DecisionContext,
): OrchestrationEvent => ({
  type: 'task_aborted',
  at,
  taskId,
  id: newId(),
  ...payloadOf(payload),
  ...(open.length > 0 ? { open } : {}),
});

/** The service dropped the task: the deliveries over its connection had no effect. */
export function receiveNotStarted(
  state: OrchestrationState,
  { taskId, holders }: TaskResponse,
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task || !(isTerminalStatus(state.status) || isOver(task))) return [];
  const open = task.deliveries.filter(({ id }) => holders?.own.has(id) === false).map(({ id }) => id);
  return [
    ...settled(task, 'not_started', open, {}, context),
    ...(task.unknownEffect ? [] : afterNoEffect(state, task, 'not_started', open, holders, context)),
  ];
}

/** The process that ran the task has crashed. Its connection is lost, and so may be others. */
export function receiveInterrupted(
  state: OrchestrationState,
  { taskId, holders }: TaskResponse,
  context: DecisionContext,
): OrchestrationEvent[] {
  const task = state.tasks.get(taskId);
  if (!task || !(isTerminalStatus(state.status) || isOver(task))) return [];
  return settled(
    task,
    'interrupted',
    openAfterSuccess(task, holders),
    { error: INTERRUPTED_ERROR, failure: INTERRUPTED, effect: 'unknown' },
    context,
  );
}
const INTERRUPTED_ERROR = 'the process of its service crashed while it ran';

/** Settles deliveries of a task whose phase does not change; no event if there is nothing to settle (E2). */
function settled(
  task: TaskState,
  reason: EventOf<'task_settled'>['reason'],
  open: readonly string[],
  {
    error,
    failure,
    effect,
  }: { readonly error?: string; readonly failure?: FailureDetails; readonly effect?: 'unknown' },
  { now: at, newId }: DecisionContext,
): OrchestrationEvent[] {
  const statesEffect = (reason === 'failed' || reason === 'aborted') && effect === undefined;
  if (!changesDeliveries(task, open) && !(statesEffect && task.unknownEffect !== undefined)) return [];
  const left = open.length > 0 ? { open } : {};
  const reported = { ...(error === undefined ? {} : { error }), ...(failure ? { failure } : {}) };
  return [
    {
      type: 'task_settled',
      at,
      taskId: task.plan.id,
      id: newId(),
      reason,
      ...reported,
      ...left,
      ...(effect ? { effect } : {}),
    },
  ];
}

/**
 * After the end a task turned out to have no effect. A record in doubt is resolved, and a revert without output that has
 * not begun has nothing to revert, unless its service also reverts tasks that failed.
 */
function afterNoEffect(
  state: OrchestrationState,
  task: TaskState,
  reason: keyof typeof WITHOUT_EFFECT,
  open: readonly string[],
  holders: DeliveryHolders | undefined,
  context: DecisionContext,
): OrchestrationEvent[] {
  if (!endedBadly(state) || task.phase.kind === 'completed' || open.length > 0) return [];
  const { now: at, newId, serviceOf } = context;
  const { id: taskId, serviceId } = task.plan;
  const text = WITHOUT_EFFECT[reason];
  const resolved = resolvedLate(state, taskId, text, context);
  const revert = revertWithoutOutput(state, taskId);
  if (!revert) return resolved;
  const isInstead = revert.phase.kind === 'running' && holders?.hasRevert === true;
  if (revert.phase.kind !== 'pending' && !isInstead) return resolved;
  const about = { at, taskId, revertId: revert.id, id: newId() };
  const hasFailed = reason === 'failed' || (reason === 'not_started' && task.hasFailed);
  const revertsFailed = serviceOf(state.projectId, serviceId)?.capabilities.includes('revert-failed') === true;
  if (!hasFailed || !revertsFailed) {
    return [...resolved, { type: 'compensation_finished', ...about, status: 'completed' }];
  }
  // The service knows by now that the engine has this outcome, so it runs the next request.
  return isInstead
    ? [...resolved, { type: 'compensation_attempt_failed', ...about, error: text, retryAt: at }]
    : resolved;
}

const WITHOUT_EFFECT = {
  failed: 'the task failed without an effect',
  aborted: 'the task aborted without an effect',
  not_started: 'the task was not started',
} as const;

/**
 * The body of `GET /orchestrations/inspections/{id}`. It shows what is known: there are no tasks before there is a plan,
 * and a reference that cannot be resolved is shown as the string that the plan contains.
 */
import { withoutUndefined } from '@orra-ts/common';
import {
  TASK_ZERO,
  isJsonObject,
  isTerminalStatus,
  parseReference,
  type AbortInfo,
  type OrchestrationInspection,
  type TaskInspection,
  type TaskStatus,
} from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { lookUp } from '../domain/plan/references';
import type { OrchestrationState, TaskState } from '../domain/orchestration/state';
import { additions } from './orchestration-view';
import { taskHistories, type TaskHistory } from './task-history';
import { toNanoseconds, toTimestamp } from '../wire-time';

export interface InspectionContext {
  readonly now: number;
  readonly compensationMaxAttempts: number;
  /** Whoever has a read token and no key, such as a page: how it was planned is the project's own affair. */
  readonly isGuest?: boolean;
}

/** What a guest is told in place of what a model's endpoint said, or of what services a plan lacked. */
export const NOT_PLANNED = 'the action could not be planned';

export function inspectionView(
  state: OrchestrationState,
  events: readonly OrchestrationEvent[],
  { now, compensationMaxAttempts, isGuest = false }: InspectionContext,
): OrchestrationInspection {
  const abortInfo = abortInfoOf(state);
  const results = resultsOf(state);
  const histories = taskHistories(state, events, compensationMaxAttempts);
  const tasks: TaskInspection[] = [];
  for (const [taskId, task] of state.tasks) {
    const history = histories.get(taskId);
    if (history) tasks.push(taskView(state, task, history));
  }
  // Callers see the view before it becomes JSON: what is unknown is absent there, too.
  return withoutUndefined({
    id: state.id,
    status: state.status,
    action: state.action.content,
    timestamp: toTimestamp(state.changedAt),
    error: state.error !== undefined && isGuest && isUnplanned(state) ? NOT_PLANNED : state.error,
    abortInfo,
    tasks: tasks.length === 0 ? undefined : tasks,
    results,
    duration: toNanoseconds(now - state.changedAt),
    taskZero: state.plan?.taskZero,
    ...additions(isGuest ? { ...state, planning: undefined } : state),
    planProblems: isGuest ? undefined : state.problems,
    nearestServices: state.nearest,
  });
}

const isUnplanned = ({ status, plan }: OrchestrationState): boolean => status === 'failed' && !plan;

/** `[null]` for what ran and ended without a result, as the original stores it. */
function resultsOf({ results, status, plan }: OrchestrationState): readonly unknown[] | undefined {
  if (results) return results;
  return plan && (status === 'failed' || status === 'aborted') ? [null] : undefined;
}

function abortInfoOf({ status, ending, tasks }: OrchestrationState): AbortInfo | undefined {
  if (status !== 'aborted' || ending?.taskId === undefined) return undefined;
  const plan = tasks.get(ending.taskId)?.plan;
  return {
    taskId: ending.taskId,
    serviceId: plan?.serviceId ?? '',
    serviceName: plan?.serviceName ?? '',
    payload: ending.payload,
  };
}

function taskView(state: OrchestrationState, task: TaskState, history: TaskHistory): TaskInspection {
  const { plan, phase } = task;
  const { statuses, updates, firstAt = 0, newestAt = 0 } = history;
  const newest = statuses.at(-1);
  const compensation = history.compensation.summary(compensationDueSince(state, plan.id));
  return withoutUndefined({
    id: plan.id,
    serviceId: plan.serviceId,
    serviceName: plan.serviceName,
    status: statusOf(state, task, newest?.status),
    statusHistory: statuses.length === 0 ? null : statuses,
    input: shownInput(state, plan.input),
    output: phase.kind === 'completed' ? phase.output : undefined,
    error: newest?.error,
    abortPayload: phase.kind === 'aborted' ? phase.payload : undefined,
    duration: toNanoseconds(newestAt - firstAt),
    interimResults: updates.length === 0 ? undefined : updates,
    compensation,
    compensationHistory: history.compensation.entries.length === 0 ? undefined : history.compensation.entries,
    isRevertible: plan.revertible,
  });
}

/** A task without an outcome when its orchestration has one was ended with it. */
function statusOf(state: OrchestrationState, { phase }: TaskState, newest: TaskStatus | undefined): TaskStatus {
  const finished = phase.kind === 'completed' || phase.kind === 'failed' || phase.kind === 'aborted';
  if (!finished && isTerminalStatus(state.status)) return 'cancelled';
  return newest ?? 'registered';
}

/** When a compensation that nobody has begun yet became due. */
function compensationDueSince(state: OrchestrationState, taskId: string): number | undefined {
  const compensation = state.compensations.find((candidate) => candidate.taskId === taskId);
  return compensation && Math.max(compensation.completedAt, state.ending?.at ?? 0);
}

/** References are replaced by what they lead to, as far as that is known yet. */
function shownInput(state: OrchestrationState, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const outputOf = (taskId: string): unknown => {
    if (taskId === TASK_ZERO) return state.plan?.taskZero;
    const phase = state.tasks.get(taskId)?.phase;
    return phase?.kind === 'completed' ? phase.output : undefined;
  };
  const show = (value: unknown): unknown => {
    const reference = parseReference(value);
    if (reference) return lookUp(outputOf(reference.taskId), reference.path) ?? value;
    if (Array.isArray(value)) return value.map(show);
    return isJsonObject(value) ? showMembers(value) : value;
  };
  const showMembers = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, show(value)]));
  return showMembers(input);
}

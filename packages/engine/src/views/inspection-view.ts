/**
 * The body of `GET /orchestrations/inspections/{id}`. It shows what is known: without a plan it has no tasks, and a
 * reference that cannot be resolved is shown as the string in the plan, as is one whose value would exceed
 * `INSPECTION_INPUTS_MAX_BYTES`.
 */
import { withoutUndefined } from '@orra-ts/common';
import {
  TASK_ZERO,
  isJsonObject,
  isTerminalStatus,
  parseReference,
  type AbortInfo,
  type OrchestrationInspection,
  type Reference,
  type TaskInspection,
  type TaskStatus,
} from '@orra-ts/protocol';
import { heldUntil } from '../domain/orchestration/compensation-order';
import type { DecisionContext } from '../domain/orchestration/decide';
import { endedBadly, isLateAccepted } from '../domain/orchestration/doubt';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { shownOrchestration } from '../domain/orchestration/shown';
import { waitingFor, type Waiting } from '../domain/orchestration/settled';
import { JsonSizes } from '../domain/json-size';
import { INSPECTION_INPUTS_MAX_BYTES } from '../domain/limits';
import { lookUp } from '../domain/plan/references';
import type { CompensationState, OrchestrationState, TaskState } from '../domain/orchestration/state';
import { additions } from './orchestration-view';
import { taskHistories, type TaskHistory } from './task-history';
import { toNanoseconds, toTimestamp } from '../wire-time';

type Waits = Pick<DecisionContext, 'timings' | 'resumedAt'>;

export interface InspectionContext {
  readonly now: number;
  /** Without them, the view does not show what is waited for, and which deliveries are open. */
  readonly waits?: Waits;
  readonly compensationMaxAttempts: number;
  /** The reader has a read token and no key, such as a web page. It does not see how the action was planned. */
  readonly isGuest?: boolean;
}

/** Shown to a guest instead of the message of a model's endpoint, or of what services a plan lacked. */
export const NOT_PLANNED = 'the action could not be planned';

export function inspectionView(
  original: OrchestrationState,
  originalEvents: readonly OrchestrationEvent[],
  { now, waits, compensationMaxAttempts, isGuest = false }: InspectionContext,
): OrchestrationInspection {
  const { state, event } = shownOrchestration(original);
  const events = originalEvents.map(event);
  const abortInfo = abortInfoOf(state);
  const results = resultsOf(state);
  const histories = taskHistories(state, events, compensationMaxAttempts);
  const tasks: TaskInspection[] = [];
  const stateOfWait = (revert: CompensationState): string | undefined =>
    waits && (heldUntil(state, revert, waits) > now ? 'held' : 'queued');
  const shownInput = inputsShownFrom(state);
  for (const [taskId, task] of state.tasks) {
    const history = histories.get(taskId);
    if (!history) continue;
    const openDeliveries = waits && openDeliveriesOf(state, task, { now, timings: waits.timings });
    tasks.push(taskView(state, task, history, { stateOfWait, openDeliveries, shownInput }));
  }
  // Callers use the view before it becomes JSON: unknown members are absent there too.
  return withoutUndefined({
    id: state.id,
    status: state.status,
    action: state.action.content,
    timestamp: toTimestamp(state.changedAt),
    error: state.error !== undefined && isGuest && isUnplanned(state) ? NOT_PLANNED : state.error,
    abortInfo,
    waitingFor: waits && waitingForView(waitingFor(state, waits)),
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

/** `[null]` for an orchestration that ran and ended without a result, as the Go engine stores it. */
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

function waitingForView(missing: readonly Waiting[]): OrchestrationInspection['waitingFor'] {
  if (missing.length === 0) return undefined;
  return missing.map(({ taskId, what, until }) =>
    withoutUndefined({ taskId, what, until: until === undefined ? undefined : toTimestamp(until) }),
  );
}

/** What the view of a task shows of the present, beside its history. */
interface TaskFacts {
  readonly shownInput: ReturnType<typeof inputsShownFrom>;
  readonly stateOfWait: (revert: CompensationState) => string | undefined;
  readonly openDeliveries: TaskInspection['openDeliveries'];
}

function taskView(
  state: OrchestrationState,
  task: TaskState,
  history: TaskHistory,
  { stateOfWait, openDeliveries, shownInput }: TaskFacts,
): TaskInspection {
  const { plan, phase } = task;
  const { statuses, updates, firstAt = 0, newestAt = 0 } = history;
  const newest = statuses.at(-1);
  const reverts = state.compensations.filter(({ taskId }) => taskId === plan.id);
  const compensation = history.compensation.summary(reverts, state.ending?.at ?? 0, stateOfWait);
  return withoutUndefined({
    id: plan.id,
    serviceId: plan.serviceId,
    serviceName: plan.serviceName,
    status: statusOf(state, task, newest?.status),
    statusHistory: statuses.length === 0 ? null : statuses,
    input: shownInput(plan.input),
    output: phase.kind === 'completed' ? phase.output : undefined,
    error: newest?.error,
    failureDetails: newest?.failureDetails,
    abortPayload: phase.kind === 'aborted' ? phase.payload : undefined,
    duration: toNanoseconds(newestAt - firstAt),
    interimResults: updates.length === 0 ? undefined : updates,
    compensation: compensation && withoutUndefined(compensation),
    effect: effectOf(state, task),
    openDeliveries,
    lateOutput: lateOutputOf(reverts),
    compensationHistory: history.compensation.entries.length === 0 ? undefined : history.compensation.entries,
    isRevertible: plan.revertible,
  });
}

/** A task without an outcome ended with its orchestration. */
function statusOf(state: OrchestrationState, { phase }: TaskState, newest: TaskStatus | undefined): TaskStatus {
  const finished = phase.kind === 'completed' || phase.kind === 'failed' || phase.kind === 'aborted';
  if (!finished && isTerminalStatus(state.status)) return 'cancelled';
  return newest ?? 'registered';
}

/** What remains of a task that nobody reverts, or of which that is not decided. */
function effectOf(
  state: OrchestrationState,
  { plan, phase, deliveries, unknownEffect }: TaskState,
): TaskInspection['effect'] {
  if (!endedBadly(state)) return undefined;
  if (phase.kind === 'completed') return plan.revertible ? undefined : 'kept';
  return deliveries.length > 0 || unknownEffect !== undefined ? 'unknown' : undefined;
}

/** Other connections have the key of a completed task: they may send a second success, as long as that is accepted (E12). */
function openDeliveriesOf(
  state: OrchestrationState,
  task: TaskState,
  late: Parameters<typeof isLateAccepted>[2],
): TaskInspection['openDeliveries'] {
  if (task.phase.kind !== 'completed' || task.deliveries.length === 0) return undefined;
  if (isTerminalStatus(state.status) && !isLateAccepted(state, task, late)) return undefined;
  return task.deliveries.map(({ executionId, at }) => ({ executionId, timestamp: toTimestamp(at) }));
}

/** An output that is not that of the task: it is not reverted unless an operator requests it. */
function lateOutputOf(reverts: readonly CompensationState[]): unknown {
  const record = reverts.findLast(
    ({ failure }) => failure?.lateOutput !== undefined || failure?.otherOutput !== undefined,
  );
  return record?.failure?.lateOutput ?? record?.failure?.otherOutput;
}

/** Replaces references in the inputs of all tasks with their values, as far as those are known and fit. */
function inputsShownFrom(
  state: OrchestrationState,
): (input: Readonly<Record<string, unknown>>) => Record<string, unknown> {
  const sizes = new JsonSizes();
  let left = INSPECTION_INPUTS_MAX_BYTES;
  const outputOf = (taskId: string): unknown => {
    if (taskId === TASK_ZERO) return state.plan?.taskZero;
    const phase = state.tasks.get(taskId)?.phase;
    return phase?.kind === 'completed' ? phase.output : undefined;
  };
  const resolve = ({ taskId, path }: Reference, text: unknown): unknown => {
    const value = lookUp(outputOf(taskId), path);
    if (value === undefined) return text;
    const size = sizes.of(value);
    if (size > left) return text;
    left -= size;
    return value;
  };
  const show = (value: unknown): unknown => {
    const reference = parseReference(value);
    if (reference) return resolve(reference, value);
    if (Array.isArray(value)) return value.map(show);
    return isJsonObject(value) ? showMembers(value) : value;
  };
  const showMembers = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, show(value)]));
  return showMembers;
}

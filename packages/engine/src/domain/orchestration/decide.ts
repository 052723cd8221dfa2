/**
 * `decide(state, command, context) -> events and the state after them`. The events include everything that follows from
 * the command at once (the next task starts, the orchestration ends, the next compensation begins), so that one append
 * makes all of it durable. Effects derive from the committed events alone (E3).
 */
import { assertNever } from '@orra-ts/common';
import { isTerminalStatus, type RevertOutcome, type TaskOutcome, type ProjectId } from '@orra-ts/protocol';
import {
  compensationDueAt,
  dueForCompensation,
  receiveMalformedRevert,
  receiveRevertResult,
  type RevertResponse,
} from './compensation';
import { doubtDueAt, dueForDoubt } from './doubt';
import type { EventOf, OrchestrationEvent } from './events';
import { replay } from './evolve';
import { resolveFailure, retryCompensation } from './records';
import { resultsOf } from './results';
import { isSettled } from './settled';
import type { OrchestrationState } from './state';
import {
  receiveAbort,
  receiveInterrupted,
  receiveMalformed,
  receiveNotStarted,
  receiveTaskResult,
  receiveUpdate,
  type TaskResponse,
} from './task-responses';
import { dueForTask, redeliver, taskDueAt, unsentOf, type Waits } from './tasks';
import type { DomainTimings } from './timings';
import { type DeliveryOutcome, queueWebhooks, receiveDelivery, type WebhookKind, type WebhookTarget } from './webhooks';

/** What decisions need to know about a service. */
export interface ServiceFacts {
  readonly revertible: boolean;
  /** Capabilities that its newest registration announced. */
  readonly capabilities: readonly string[];
  /** Time to live of its reverts without an output. @default 24 h */
  readonly revertTtlMs?: number;
}

/** Time, ids and randomness of one decision (E9). */
export interface DecisionContext {
  readonly now: number;
  /** When the engine started. Attempts and pauses under way then begin their time anew: no service could respond before. */
  readonly resumedAt: number;
  readonly timings: DomainTimings;
  /** Whether a service can be given work now. */
  readonly isAvailable: (serviceId: string) => boolean;
  /** What is registered about a service; undefined if it is not registered any more. */
  readonly serviceOf: (projectId: ProjectId, serviceId: string) => ServiceFacts | undefined;
  /** Whether a delivery of a task, or an execution of a revert, never reached a connection (E10). False if that is not known. */
  readonly isUnsent: (id: string) => boolean;
  /** Whether a delivery is from before the start of the engine. Its holder may claim it (E12). */
  readonly isRestored: (deliveryId: string) => boolean;
  /** A short random id for an event that an inspection shows. */
  readonly newId: () => string;
  /** The webhooks of a project for one kind of message. */
  readonly webhooksOf: (projectId: ProjectId, kind: WebhookKind) => readonly WebhookTarget[];
  readonly newExecutionId: () => string;
  readonly newCompensationExecutionId: () => string;
  /** `c_…`, for the record of a compensation that is given up. */
  readonly newFailureId: () => string;
  /** 0 to below 1. */
  readonly random: () => number;
}

export type Command =
  | { readonly kind: 'submit'; readonly submitted: EventOf<'submitted'> }
  | { readonly kind: 'plan'; readonly planned: EventOf<'planned'> | EventOf<'planning_failed'> }
  | ({ readonly kind: 'task_result'; readonly outcome: TaskOutcome } & TaskResponse)
  | ({ readonly kind: 'task_malformed'; readonly error: string } & TaskResponse)
  | { readonly kind: 'task_update'; readonly taskId: string; readonly data: unknown }
  | ({ readonly kind: 'task_abort'; readonly payload: unknown } & TaskResponse)
  /** The responses to a cancellation of a task that has no outcome (E10). */
  | ({ readonly kind: 'task_not_started' } & TaskResponse)
  | ({ readonly kind: 'task_interrupted' } & TaskResponse)
  /** The request of a running task goes to another connection. */
  | { readonly kind: 'redeliver'; readonly taskId: string }
  | ({ readonly kind: 'revert_result'; readonly outcome: RevertOutcome } & RevertResponse)
  | ({ readonly kind: 'revert_malformed'; readonly error: string } & RevertResponse)
  | { readonly kind: 'cancel'; readonly reason: string }
  | {
      readonly kind: 'resolve_failure';
      readonly failureId: string;
      readonly resolution: 'resolved' | 'ignored';
      readonly reason: string;
    }
  | { readonly kind: 'retry_compensation'; readonly failureId: string }
  | { readonly kind: 'webhook_outcome'; readonly id: string; readonly outcome: DeliveryOutcome }
  /** Time has passed, or a service has connected or disconnected. */
  | { readonly kind: 'advance' };

export function decide(state: OrchestrationState, command: Command, context: DecisionContext): Decision {
  const events = react(state, command, context);
  const decision = advance(replay(events, state), context);
  const decided = [...events, ...decision.events];
  const queued = queueWebhooks(decision.state, decided, context);
  if (queued.length === 0) return { events: decided, state: decision.state };
  return { events: [...decided, ...queued], state: replay(queued, decision.state) };
}

export interface Decision {
  readonly events: readonly OrchestrationEvent[];
  /** The state after these events, equal to what `replay` returns for them. */
  readonly state: OrchestrationState;
}

function react(state: OrchestrationState, command: Command, context: DecisionContext): OrchestrationEvent[] {
  switch (command.kind) {
    case 'submit':
      return state.sequence === 0 ? [command.submitted] : [];
    case 'plan':
      return state.status === 'pending' ? [command.planned] : [];
    case 'task_result':
      return receiveTaskResult(state, command, context);
    case 'task_malformed':
      return receiveMalformed(state, command, context);
    case 'task_update':
      return receiveUpdate(state, command.taskId, command.data, context);
    case 'task_abort':
      return receiveAbort(state, command, context);
    case 'task_not_started':
      return receiveNotStarted(state, command, context);
    case 'task_interrupted':
      return receiveInterrupted(state, command, context);
    case 'redeliver':
      return redeliver(state, command.taskId, context);
    case 'revert_result':
      return receiveRevertResult(state, command, context);
    case 'revert_malformed':
      return receiveMalformedRevert(state, command, context);
    case 'cancel':
      if (isTerminalStatus(state.status)) return [];
      return [
        { type: 'orchestration_cancelled', at: context.now, reason: command.reason, ...unsentOf(state, context) },
      ];
    case 'resolve_failure':
      return resolveFailure(state, command.failureId, command.resolution, command.reason, context);
    case 'retry_compensation':
      return retryCompensation(state, command.failureId, context);
    case 'webhook_outcome':
      return receiveDelivery(state, command.id, command.outcome, context);
    case 'advance':
      return [];
    default:
      return assertNever(command, 'command');
  }
}

/** Decides everything that is due now. Ends, because each round advances a task or a compensation. */
function advance(state: OrchestrationState, context: DecisionContext): Decision {
  const events: OrchestrationEvent[] = [];
  let current = state;
  for (let round = due(current, context); round.length > 0; round = due(current, context)) {
    events.push(...round);
    current = replay(round, current);
  }
  return { events, state: current };
}

function due(state: OrchestrationState, context: DecisionContext): OrchestrationEvent[] {
  if (state.status === 'pending') return [];
  if (isTerminalStatus(state.status)) {
    const decided = dueForDoubt(state, context);
    return decided.length > 0 ? decided : dueForCompensation(state, context);
  }
  let open = 0;
  const started: OrchestrationEvent[] = [];
  for (const task of state.tasks.values()) {
    if (task.phase.kind !== 'completed') open++;
    const events = dueForTask(state, task, context);
    // The end of the orchestration ends this round: the decisions about other tasks depend on it.
    if (events.some(({ type }) => type === 'orchestration_failed')) return [...started, ...events];
    started.push(...events);
  }
  if (started.length > 0 || open > 0) return started;
  return [{ type: 'orchestration_completed', at: context.now, results: resultsOf(state) }];
}

/** Whether anything can still happen without an operator or a late message. */
export function isOpen(state: OrchestrationState): boolean {
  return state.webhooks.size > 0 || !isSettled(state);
}

/** When time alone makes something due; undefined if it never does. */
export function nextDueAt(state: OrchestrationState, context: Waits): number | undefined {
  let next: number | undefined;
  const consider = (at: number | undefined): void => {
    if (at !== undefined && (next === undefined || at < next)) next = at;
  };
  if (state.status === 'processing') {
    for (const task of state.tasks.values()) consider(taskDueAt(state, task, context));
  } else if (isTerminalStatus(state.status)) {
    consider(compensationDueAt(state, context));
    consider(doubtDueAt(state, context));
  }
  return next;
}

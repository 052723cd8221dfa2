/**
 * What can happen to an orchestration. The journal holds these and nothing else; state is what `evolve` makes of them.
 * Written once, read for ever: add members as optional, never change the meaning of one.
 */
import type { DataField, FailureDetails, GroundingUseCase, OrchestrationId, Plan, ProjectId } from '@orra-ts/protocol';
import type { PlanProblem } from '../plan/plan-problems';
import type { ResolvedPlan } from '../plan/resolved-plan';

export type PlanSource =
  | { readonly kind: 'explicit' }
  /** `version`: absent in what was stored before plans had one here. */
  | { readonly kind: 'defined'; readonly name: string; readonly version?: number }
  | { readonly kind: 'model'; readonly model: string }
  /** Made by a model for an earlier request like this one, and checked anew. */
  | { readonly kind: 'cache'; readonly model: string };

/** One answer of a model. */
export interface PlanningAttempt {
  readonly durationMs: number;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Why it was refused; absent for the one that was taken. */
  readonly problems?: readonly PlanProblem[];
}

/** How a model came to its plan, and what that took. */
export interface PlanningRecord {
  readonly model: string;
  /** Of the prompt it was asked with. */
  readonly promptVersion: number;
  /** From the question to the last answer, waits included. */
  readonly durationMs: number;
  readonly attempts: readonly PlanningAttempt[];
}

/** The grounding that speaks of an action, as it was when the action was planned. */
export interface GroundingHit {
  readonly name: string;
  readonly domain: string;
  readonly version: string;
  readonly useCase: GroundingUseCase;
  readonly constraints: readonly string[];
  /** Which service of the plan covers what the use case requires, and how that was found. */
  readonly coverage?: readonly {
    readonly capability: string;
    readonly service: string;
    readonly by: 'words' | 'model';
  }[];
}

/** Kept with a task's output so that it can be reverted. */
export interface StoredCompensation {
  /** Opaque; goes back as the revert's input. */
  readonly data: unknown;
  readonly ttlMs: number;
}

/** A compensation that was given up, as its webhooks tell of it, whatever becomes of it later. */
export interface QueuedFailure {
  readonly id: string;
  readonly taskId: string;
  readonly status: 'failed' | 'expired';
  readonly error?: string;
}

export interface TaskFailure {
  /** `task_fail_<task>_<short id>`. */
  readonly id: string;
  /** Service id. */
  readonly producer: string;
  readonly error: string;
}

/** `at` is in milliseconds since 1970, on every event. `id` is a short random id where an inspection shows one. */
export type OrchestrationEvent =
  | {
      readonly type: 'submitted';
      readonly at: number;
      readonly orchestrationId: OrchestrationId;
      readonly projectId: ProjectId;
      readonly action: { readonly type: string; readonly content: string };
      readonly data: readonly DataField[] | null;
      /** The plan of the submission, where it was not checked at once. */
      readonly explicit?: Plan;
      /** Of one attempt; absent: the service's or the default. */
      readonly timeoutMs?: number;
      readonly healthGraceMs?: number;
      readonly metadata?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'planned';
      readonly at: number;
      readonly plan: ResolvedPlan;
      readonly source: PlanSource;
      readonly planning?: PlanningRecord;
      readonly grounding?: GroundingHit;
    }
  | {
      readonly type: 'planning_failed';
      readonly at: number;
      readonly status: 'failed' | 'not_actionable';
      readonly error: string;
      /** What is wrong with the plan that was there. */
      readonly problems?: readonly PlanProblem[];
      /** Names of services that come nearest to what was asked. */
      readonly nearest?: readonly string[];
      readonly planning?: PlanningRecord;
      readonly grounding?: GroundingHit;
    }
  /** An attempt begins, or goes on after a pause (same attempt, same execution id). */
  | {
      readonly type: 'task_started';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      /** Counts from 1; a pause does not count. */
      readonly attempt: number;
      readonly executionId: string;
    }
  /** Its service has no connection. */
  | {
      readonly type: 'task_paused';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly reason: string;
    }
  | {
      readonly type: 'task_updated';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly data: unknown;
      /** Length of its data as JSON. */
      readonly size?: number;
    }
  | {
      readonly type: 'task_completed';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly output: unknown;
      readonly compensation?: StoredCompensation;
    }
  | {
      readonly type: 'task_attempt_failed';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly error: string;
      readonly failure?: FailureDetails;
      /** When the next attempt may begin; absent: it was the last. */
      readonly retryAt?: number;
    }
  | {
      readonly type: 'task_aborted';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly payload?: unknown;
    }
  | { readonly type: 'orchestration_completed'; readonly at: number; readonly results: readonly unknown[] }
  | { readonly type: 'orchestration_failed'; readonly at: number; readonly taskId: string; readonly error: TaskFailure }
  | { readonly type: 'orchestration_aborted'; readonly at: number; readonly taskId: string; readonly payload?: unknown }
  | { readonly type: 'orchestration_cancelled'; readonly at: number; readonly reason: string }
  /** Long after its end: tasks that never answered are no longer waited for. */
  | { readonly type: 'late_results_closed'; readonly at: number }
  | {
      readonly type: 'compensation_started';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly attempt: number;
      readonly executionId: string;
    }
  | {
      readonly type: 'compensation_paused';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly reason: string;
    }
  | {
      readonly type: 'compensation_attempt_failed';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly error: string;
      readonly retryAt: number;
    }
  /** The one final record of a compensation (E6). */
  | {
      readonly type: 'compensation_finished';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly status: 'completed' | 'partial' | 'failed' | 'expired';
      readonly partial?: { readonly completed: readonly string[]; readonly remaining: readonly string[] };
      readonly error?: string;
      /** `c_…` of the record for a person, when it failed or expired. */
      readonly failureId?: string;
      /** The service itself said that this is final: its memory answers this key so for ever. */
      readonly answered?: true;
    }
  /** A person has dealt with a compensation that was given up. Can be repeated, the newest counts. */
  | {
      readonly type: 'compensation_failure_resolved';
      readonly at: number;
      readonly taskId: string;
      readonly failureId: string;
      readonly resolution: 'resolved' | 'ignored';
      readonly reason: string;
    }
  /** A person asked for another round of attempts. */
  | {
      readonly type: 'compensation_retried';
      readonly at: number;
      readonly taskId: string;
      readonly failureId: string;
    }
  /** Somebody is to be told. What was queued is sent until it is delivered or given up, across restarts. */
  | {
      readonly type: 'webhook_queued';
      readonly at: number;
      readonly id: string;
      readonly url: string;
      /** Of the webhook that was added for itself: its messages are signed. */
      readonly webhookId?: string;
      /** Absent: it tells of the orchestration's end. */
      readonly failure?: QueuedFailure;
    }
  | {
      readonly type: 'webhook_attempt_failed';
      readonly at: number;
      readonly id: string;
      readonly error: string;
      readonly retryAt: number;
    }
  | { readonly type: 'webhook_delivered'; readonly at: number; readonly id: string; readonly status: number }
  | { readonly type: 'webhook_given_up'; readonly at: number; readonly id: string; readonly error: string };

export type EventOf<T extends OrchestrationEvent['type']> = Extract<OrchestrationEvent, { type: T }>;

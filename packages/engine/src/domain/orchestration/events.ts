/**
 * The events of an orchestration. The journal stores nothing else; `evolve` builds state from them. Later versions must
 * read all of them: add members only as optional, and never change the meaning of one.
 */
import type {
  CompensationFailureKind,
  DataField,
  FailureDetails,
  FailureDetailsView,
  OrchestrationId,
  Plan,
  ProjectId,
} from '@orra-ts/protocol';
import type { PlanProblem } from '../plan/plan-problems';
import type { ResolvedPlan } from '../plan/resolved-plan';
import type { GroundingHit, PlanningRecord, PlanSource } from './planning-record';

/** Stored with a task's output, for its revert. */
export interface StoredCompensation {
  /** Opaque; sent back as the input of the revert. */
  readonly data: unknown;
  readonly ttlMs: number;
}

/** Kinds of records for operators. */
export type RecordKind = CompensationFailureKind;

/** A record for operators, as its webhook messages report it even if it changes later. */
export interface QueuedFailure {
  readonly id: string;
  readonly taskId: string;
  readonly status: RecordKind;
  readonly error?: string;
  readonly failureDetails?: FailureDetailsView;
  /** Result of a partial revert. */
  readonly partial?: { readonly completed: readonly string[]; readonly remaining: readonly string[] };
  /** Present if the message reports that a late result has resolved the record. */
  readonly resolution?: string;
}

/** With what the service reported about the error. */
export interface TaskFailure extends FailureDetailsView {
  /** `task_fail_<task>_<short id>`. */
  readonly id: string;
  /** Service id. */
  readonly producer: string;
  readonly error: string;
}

type AnyEvent =
  | {
      readonly type: 'submitted';
      readonly at: number;
      readonly orchestrationId: OrchestrationId;
      readonly projectId: ProjectId;
      readonly action: { readonly type: string; readonly content: string };
      readonly data: readonly DataField[] | null;
      /** The submitted plan, if it was not validated at once. */
      readonly explicit?: Plan;
      /** Timeout of one attempt. @default the service's, else the engine's */
      readonly timeoutMs?: number;
      readonly healthGraceMs?: number;
      readonly metadata?: Readonly<Record<string, string>>;
      /** A service of the project has sensitive inputs: without a plan, all data are masked. */
      readonly hidesData?: true;
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
      /** Problems of the plan. */
      readonly problems?: readonly PlanProblem[];
      /** Names of the services nearest to the action. */
      readonly nearest?: readonly string[];
      readonly planning?: PlanningRecord;
      readonly grounding?: GroundingHit;
    }
  /** An attempt starts, or continues after a pause (same attempt, same execution id). */
  | {
      readonly type: 'task_started';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      /** Counts from 1; a pause does not count. */
      readonly attempt: number;
      readonly executionId: string;
    }
  /** The request of the attempt under way goes to another connection. Opens a further delivery. */
  | { readonly type: 'task_redelivered'; readonly at: number; readonly taskId: string; readonly id: string }
  /** Its service is unavailable. Its deliveries stay open. */
  | {
      readonly type: 'task_paused';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly reason: string;
      /** The newest delivery never reached a connection, so it is settled. */
      readonly sent?: false;
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
      /** Deliveries that stay open, because other connections hold them. @default none */
      readonly open?: readonly string[];
      /**
       * The revert without output becomes the revert of this output: the service has not started it (X7), or no attempt is
       * under way.
       */
      readonly insteadOfRevert?: true;
    }
  | {
      readonly type: 'task_attempt_failed';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly error: string;
      readonly failure?: FailureDetails;
      /** When the next attempt may start; absent after the last one. */
      readonly retryAt?: number;
      /** The newest delivery never reached a connection, so it is settled. */
      readonly sent?: false;
      /** Deliveries that stay open: a timeout settles none. @default none */
      readonly open?: readonly string[];
      /** The service did not state whether the attempt had an effect. */
      readonly effect?: 'unknown';
    }
  | {
      readonly type: 'task_aborted';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      readonly payload?: unknown;
      /** Deliveries that stay open. @default none */
      readonly open?: readonly string[];
    }
  /** Deliveries are settled without an outcome that counts for the task. */
  | {
      readonly type: 'task_settled';
      readonly at: number;
      readonly taskId: string;
      readonly id: string;
      /**
       * `not_started`: the service dropped the task. `interrupted`: the process that ran it crashed. The others are
       * responses that do not change the task any more, because another one came first or the task was given up.
       */
      readonly reason: 'not_started' | 'interrupted' | 'completed' | 'failed' | 'aborted';
      readonly error?: string;
      readonly failure?: FailureDetails;
      /** Deliveries that stay open. @default none */
      readonly open?: readonly string[];
      /** Whether they had an effect is unknown. Absent: they had none. */
      readonly effect?: 'unknown';
    }
  | { readonly type: 'orchestration_completed'; readonly at: number; readonly results: readonly unknown[] }
  /** `unsent`, here and below: deliveries of any task that never reached a connection, so they are settled. */
  | {
      readonly type: 'orchestration_failed';
      readonly at: number;
      readonly taskId: string;
      readonly error: TaskFailure;
      readonly unsent?: readonly string[];
    }
  | {
      readonly type: 'orchestration_aborted';
      readonly at: number;
      readonly taskId: string;
      readonly payload?: unknown;
      readonly unsent?: readonly string[];
    }
  | {
      readonly type: 'orchestration_cancelled';
      readonly at: number;
      readonly reason: string;
      readonly unsent?: readonly string[];
    }
  /** Late results are no longer accepted. Read from old journals; not written any more. */
  | { readonly type: 'late_results_closed'; readonly at: number }
  /** A revert without output becomes due (E10). Reverts of outputs become due with `task_completed` or the end. */
  | {
      readonly type: 'compensation_added';
      readonly at: number;
      readonly taskId: string;
      readonly revertId: string;
      /** What is known about the task. */
      readonly outcome: 'failed' | 'unknown';
      readonly ttlMs: number;
    }
  /** The outcome of a task is unknown, and its service does not revert such tasks: a record for operators (E10). */
  | {
      readonly type: 'in_doubt_recorded';
      readonly at: number;
      readonly taskId: string;
      readonly revertId: string;
      readonly failureId: string;
      readonly error: string;
      readonly failure?: FailureDetails;
    }
  /** A second success under the key of a task has another output: a record for operators (E12). */
  | {
      readonly type: 'duplicate_recorded';
      readonly at: number;
      readonly taskId: string;
      readonly revertId: string;
      readonly failureId: string;
      readonly output: unknown;
      readonly compensation: StoredCompensation;
    }
  /** `revertId`, here and below: which revert of the task. @default its first */
  | {
      readonly type: 'compensation_started';
      readonly at: number;
      readonly taskId: string;
      readonly revertId?: string;
      readonly id: string;
      readonly attempt: number;
      readonly executionId: string;
    }
  | {
      readonly type: 'compensation_paused';
      readonly at: number;
      readonly taskId: string;
      readonly revertId?: string;
      readonly id: string;
      readonly reason: string;
      /** The attempt under way never reached a connection, so it does not count. */
      readonly sent?: false;
    }
  /**
   * It was due and no service has received it. Now it is held again, because work that was built on its task has to be
   * reverted first (E6).
   */
  | { readonly type: 'compensation_held'; readonly at: number; readonly taskId: string; readonly revertId?: string }
  | {
      readonly type: 'compensation_attempt_failed';
      readonly at: number;
      readonly taskId: string;
      readonly revertId?: string;
      readonly id: string;
      readonly error: string;
      readonly failure?: FailureDetails;
      readonly retryAt: number;
    }
  /** The end of a compensation (E6). A late response of its service can end it once more. */
  | {
      readonly type: 'compensation_finished';
      readonly at: number;
      readonly taskId: string;
      readonly revertId?: string;
      readonly id: string;
      readonly status: 'completed' | 'partial' | 'failed' | 'expired';
      readonly partial?: { readonly completed: readonly string[]; readonly remaining: readonly string[] };
      readonly error?: string;
      readonly failure?: FailureDetails;
      /** `c_…`, the record for operators, unless it completed. */
      readonly failureId?: string;
      /** The service itself reported the failure as final, so it repeats this response for the same key. */
      readonly answered?: true;
    }
  /** An operator has dealt with a record. Can occur repeatedly; the newest counts. */
  | {
      readonly type: 'compensation_failure_resolved';
      readonly at: number;
      readonly taskId: string;
      readonly revertId?: string;
      readonly failureId: string;
      readonly resolution: 'resolved' | 'ignored';
      readonly reason: string;
      /** A late result resolved it, not an operator. */
      readonly late?: true;
    }
  /** An operator requested another round of attempts. */
  | {
      readonly type: 'compensation_retried';
      readonly at: number;
      readonly taskId: string;
      readonly revertId?: string;
      readonly failureId: string;
    }
  /** A webhook message is to be sent. It is retried until it is delivered or given up, across restarts. */
  | {
      readonly type: 'webhook_queued';
      readonly at: number;
      readonly id: string;
      readonly url: string;
      /** The webhook, if it was added separately: then its messages are signed. */
      readonly webhookId?: string;
      /** Absent if the message reports the end of the orchestration. */
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

/**
 * `at` is engine time, in milliseconds since 1970 (E11); `wallAt` is the time of the wall clock, if it differs by more
 * than a second. `id` is a short random id, on events that an inspection shows with one. The `id` of `task_started` and
 * `task_redelivered` also names the delivery that the event opens (E10).
 */
export type OrchestrationEvent = AnyEvent & { readonly wallAt?: number };

export type EventOf<T extends OrchestrationEvent['type']> = Extract<OrchestrationEvent, { type: T }>;

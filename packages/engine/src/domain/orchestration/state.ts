/** The state of one orchestration, as `evolve` builds it from its events. */
import type {
  DataField,
  OrchestrationId,
  OrchestrationStatus,
  Plan,
  ProjectId,
  ResolutionState,
} from '@orra-ts/protocol';
import type { Attempts } from './attempt';
import type {
  GroundingHit,
  PlanSource,
  PlanningRecord,
  QueuedFailure,
  StoredCompensation,
  TaskFailure,
} from './events';
import type { PlanProblem } from '../plan/plan-problems';
import type { ResolvedPlan, ResolvedTask } from '../plan/resolved-plan';

/** Phases before the first attempt of a task and after its last. */
type TaskPhase =
  /** Not started: its inputs are not complete. */
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'completed';
      readonly at: number;
      /** Grows with each completion. Times cannot order them: clocks are set back, and completions share a millisecond. */
      readonly order: number;
      readonly output: unknown;
      readonly compensation?: StoredCompensation;
    }
  | { readonly kind: 'failed'; readonly at: number; readonly error: string }
  | { readonly kind: 'aborted'; readonly at: number; readonly payload?: unknown };

export interface TaskState extends Attempts<TaskPhase> {
  readonly plan: ResolvedTask;
  /** Progress updates kept so far. */
  readonly updates: number;
}

/** Phases before the first attempt of a compensation and after its last. */
type CompensationPhase =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'finished';
      readonly status: 'completed' | 'partial' | 'failed' | 'expired';
      /** Whether the service itself reported this outcome as final. */
      readonly answered: boolean;
    };

/** The record for operators of a compensation that was given up. */
export interface CompensationFailure {
  readonly id: string;
  readonly status: 'failed' | 'expired';
  readonly error?: string;
  readonly attempts: number;
  readonly at: number;
  readonly resolutionState: ResolutionState;
  readonly resolution?: string;
  readonly resolvedAt?: number;
}

export interface CompensationState extends Attempts<CompensationPhase> {
  readonly taskId: string;
  /** When its task was completed. The TTL counts from here. */
  readonly completedAt: number;
  /** Part of the idempotency key. Grows with a retry after a final response, which the service would repeat for the old key. */
  readonly round: number;
  /** When an operator requested the round of attempts under way. The TTL counts from then. */
  readonly retriedAt?: number;
  readonly failure?: CompensationFailure;
}

/** A webhook message that is neither delivered nor given up. */
export interface WebhookDelivery {
  readonly id: string;
  readonly url: string;
  readonly webhookId?: string;
  readonly failure?: QueuedFailure;
  readonly queuedAt: number;
  /** Failed attempts so far. */
  readonly attempts: number;
  readonly dueAt: number;
}

/** Why an orchestration ended without completing. */
export interface Ending {
  readonly at: number;
  readonly taskId?: string;
  /** The payload of an abort, if it had one; the failure; or the reason of a cancellation. */
  readonly payload?: unknown;
  readonly failure?: TaskFailure;
}

export interface OrchestrationState {
  readonly id: OrchestrationId;
  readonly projectId: ProjectId;
  readonly status: OrchestrationStatus;
  readonly action: { readonly type: string; readonly content: string };
  readonly data: readonly DataField[] | null;
  /** The submitted plan, until it is validated. */
  readonly explicit?: Plan;
  readonly timeoutMs?: number;
  readonly healthGraceMs?: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly submittedAt: number;
  /** Time of the last status change. */
  readonly changedAt: number;
  readonly plan?: ResolvedPlan;
  readonly source?: PlanSource;
  readonly planning?: PlanningRecord;
  readonly grounding?: GroundingHit;
  /** Problems of its plan, if planning failed. */
  readonly problems?: readonly PlanProblem[];
  /** Names of the services nearest to an action that is not actionable. */
  readonly nearest?: readonly string[];
  /** In plan order. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly results?: readonly unknown[];
  /** A string if planning failed, an object if a task failed. */
  readonly error?: string | TaskFailure;
  readonly ending?: Ending;
  /** In order of completion of their tasks; run from the back (E6). Empty unless it failed, was aborted or cancelled. */
  readonly compensations: readonly CompensationState[];
  /** Results of tasks that were under way when it ended are no longer accepted. */
  readonly lateResultsClosed: boolean;
  /** Messages that are still to be delivered, by id. */
  readonly webhooks: ReadonlyMap<string, WebhookDelivery>;
  /** Length of the progress updates of all tasks. */
  readonly updateSize: number;
  /** Number of events. */
  readonly sequence: number;
}

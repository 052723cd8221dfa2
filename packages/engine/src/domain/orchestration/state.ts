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
  /** Not all of its inputs are there, or nobody has begun it yet. */
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'completed';
      readonly at: number;
      /** Grows with every completion of the orchestration: a clock can be set back, and many things share a millisecond. */
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
      /** The service's own last word. */
      readonly answered: boolean;
    };

/** What a person sees of a compensation that was given up. */
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
  /** When its task was completed: the time to live counts from it. */
  readonly completedAt: number;
  /** Of idempotency keys: grows with a retry after the service's own last word, which the old key would only repeat. */
  readonly round: number;
  /** When a person asked for the round of attempts under way: the time to live counts from then. */
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
  /** Failed so far. */
  readonly attempts: number;
  readonly dueAt: number;
}

/** Why an orchestration ended otherwise than completed. */
export interface Ending {
  readonly at: number;
  readonly taskId?: string;
  /** Of an abort: absent when it had none; of a failure the failure; of a cancellation its reason. */
  readonly payload?: unknown;
  readonly failure?: TaskFailure;
}

export interface OrchestrationState {
  readonly id: OrchestrationId;
  readonly projectId: ProjectId;
  readonly status: OrchestrationStatus;
  readonly action: { readonly type: string; readonly content: string };
  readonly data: readonly DataField[] | null;
  /** The plan of the submission, as long as it has to be checked. */
  readonly explicit?: Plan;
  readonly timeoutMs?: number;
  readonly healthGraceMs?: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly submittedAt: number;
  /** Of the last status change. */
  readonly changedAt: number;
  readonly plan?: ResolvedPlan;
  readonly source?: PlanSource;
  readonly planning?: PlanningRecord;
  readonly grounding?: GroundingHit;
  /** What was wrong with its plan, when it could not be planned. */
  readonly problems?: readonly PlanProblem[];
  /** Services that come nearest to an action that is not actionable. */
  readonly nearest?: readonly string[];
  /** In plan order. */
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly results?: readonly unknown[];
  /** A text when planning failed, an object when a task did. */
  readonly error?: string | TaskFailure;
  readonly ending?: Ending;
  /** In order of completion of their tasks; done from the back (E6). Only after failure, abort or cancellation. */
  readonly compensations: readonly CompensationState[];
  /** Results of tasks that were under way when it ended are no longer waited for. */
  readonly lateResultsClosed: boolean;
  /** Messages that are still to be delivered, by id. */
  readonly webhooks: ReadonlyMap<string, WebhookDelivery>;
  /** Length of the progress updates of all tasks. */
  readonly updateSize: number;
  /** Number of events. */
  readonly sequence: number;
}

/** The state of one orchestration, as `evolve` builds it from its events. */
import type {
  DataField,
  FailureDetails,
  FailureDetailsView,
  OrchestrationId,
  OrchestrationStatus,
  Plan,
  ProjectId,
  ResolutionState,
} from '@orra-ts/protocol';
import type { Attempts } from './attempt';
import type { QueuedFailure, RecordKind, StoredCompensation, TaskFailure } from './events';
import type { GroundingHit, PlanSource, PlanningRecord } from './planning-record';
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

/** A request for a task, handed to one connection and not settled (E10). */
export interface Delivery {
  readonly id: string;
  readonly executionId: string;
  readonly at: number;
}

/** Deliveries ended and their service did not state whether they had an effect. */
export interface UnknownEffect {
  readonly at: number;
  readonly error: string;
  readonly failure?: FailureDetails;
  /** The attempt whose effect is unknown: another response to it may state the effect. */
  readonly executionId?: string;
}

export interface TaskState extends Attempts<TaskPhase> {
  readonly plan: ResolvedTask;
  /** Open deliveries, oldest first. They outlive timeouts, retries, pauses and giving up (E10). */
  readonly deliveries: readonly Delivery[];
  /** Number of deliveries so far, settled ones included. */
  readonly delivered: number;
  readonly unknownEffect?: UnknownEffect;
  /** Its service reported at least one failure without an effect. */
  readonly hasFailed: boolean;
  /** Progress updates kept so far. */
  readonly updates: number;
}

/** Phases before the first attempt of a compensation and after its last. */
type CompensationPhase =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'finished';
      /** `in_doubt` and `duplicate`: it has only a record, until an operator or a late result starts it. */
      readonly status: 'completed' | RecordKind;
      /** Whether the service itself reported this outcome as final. */
      readonly answered: boolean;
    };

/** A record for operators: work that could not be undone, or whose effect is unknown. */
export interface CompensationFailure {
  /** `c_…`. */
  readonly id: string;
  readonly status: RecordKind;
  readonly error?: string;
  readonly failureDetails?: FailureDetailsView;
  /** What a partial revert reverted, and what remains. */
  readonly completed?: readonly string[];
  readonly remaining?: readonly string[];
  /** Set for a duplicate: the output of the task, and the second output. */
  readonly output?: unknown;
  readonly otherOutput?: unknown;
  /** An output that arrived after an operator decided. It is not reverted. */
  readonly lateOutput?: unknown;
  /** The revert succeeded after an operator decided. */
  readonly lateRevert?: true;
  readonly attempts: number;
  readonly at: number;
  readonly resolutionState: ResolutionState;
  readonly resolution?: string;
  readonly resolvedAt?: number;
}

/** One revert. A task has several if a late or second success follows its first revert. */
export interface CompensationState extends Attempts<CompensationPhase> {
  /** Unique in the orchestration; the first revert of a task has the id of the task. */
  readonly id: string;
  readonly taskId: string;
  /** What is known about the task. Reverts of `failed` and `unknown` tasks have no output. */
  readonly outcome: 'completed' | 'failed' | 'unknown';
  /** What it reverts; absent for a revert without output. */
  readonly compensation?: StoredCompensation;
  readonly ttlMs: number;
  /** When its task was completed, or when a revert without output became due. */
  readonly completedAt: number;
  /** The TTL counts from here. @default `completedAt` */
  readonly ttlFrom?: number;
  /**
   * Part of the idempotency key, unique among the reverts of a task. Grows with a retry after a final response, which the
   * service would repeat for the old key.
   */
  readonly round: number;
  /** Rounds under other keys that reverted the same work: a late success of one counts. @default none */
  readonly earlierRounds?: readonly number[];
  /** When this round had its turn first. Its TTL is suspended until then (E13). */
  readonly turnAt?: number;
  /** How long it has been queued since then, which suspends its TTL, too. */
  readonly queuedMs?: number;
  /** How much of its TTL had passed when it was held again. */
  readonly usedMs?: number;
  /** Since when it cannot proceed: its service is disconnected, or its attempts fail. Others may overtake it (E6). */
  readonly stuckAt?: number;
  /** It reverts a second output of its task (E12). */
  readonly isDuplicate?: true;
  /** Result of the partial revert that this round continues. */
  readonly previous?: { readonly completed: readonly string[]; readonly remaining: readonly string[] };
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
  /** See the event `submitted`. */
  readonly hidesData?: true;
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
  /** In order of completion of their tasks; run from the back (E6). Before the end it contains only duplicates. */
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

/** What the gateway asks of the core. The core is the loop that loads, decides, commits, then acts. */
import type {
  DefinedPlan,
  EngineCapabilities,
  GroundingBody,
  ProjectRegistration,
  ProjectSettingsBody,
  ReadToken,
  ServiceKind,
  ServiceMessage,
  ServiceRegistration,
  Submission,
} from '@orra-ts/protocol';
import type {
  Project,
  RegisteredService,
  StoredGrounding,
  StoredPlan,
  StoredWebhook,
  PlanHistory,
  PlanRegistration,
} from '../catalog/catalog';
import type { ServiceConnection } from '../dispatch/connections';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { StreamReader } from '../events/event-feed';
import type { ListedOrchestration, StoredFailure } from '../journal/journal';
import type { PlanningOutcome } from '../planner/planner';
import type { SubmitOptions } from './submissions';
import type { WebhookKind } from '../domain/orchestration/webhooks';

export interface History {
  readonly state: OrchestrationState;
  readonly events: readonly OrchestrationEvent[];
}

/**
 * Errors are `OrraError`s with these codes, which the gateway turns into the original's bodies:
 * `ORRA_INVALID_SUBMISSION` (400), `ORRA_NOT_ACTIONABLE` (400), `ORRA_PLANNING_FAILED` (500; an invalid explicit plan 400),
 * `ORRA_PLANNING_CANCELLED` (500),
 * `ORRA_SERVICE_INVALID` (500 with the original's text), `ORRA_SERVICE_UNKNOWN` (500, `service with key <id> not found: service not found`),
 * `ORRA_WEBHOOK_INVALID`, `ORRA_INVALID_POSITION`, `ORRA_GROUNDING_INVALID` and `ORRA_GROUNDING_VERSION` (400), `ORRA_GROUNDING_UNKNOWN` (500),
 * `ORRA_PLAN_INVALID` (400), `ORRA_ENGINE_STOPPING` and `ORRA_ENGINE_FULL` (503), `ORRA_JOURNAL_WRITE_FAILED` (500).
 */
export interface EngineCoreApi {
  // projects and services
  registerProject(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }>;
  /** Changes the settings that are named. */
  configureProject(project: Project, changes: ProjectSettingsBody): Promise<Project>;
  projectByKey(apiKey: string): Project | undefined;
  addApiKey(project: Project): Promise<string>;
  /** Answers with the secret that its messages are signed with, shown this once. */
  addWebhook(project: Project, kind: WebhookKind, url: string): Promise<StoredWebhook>;
  registerService(project: Project, kind: ServiceKind, body: ServiceRegistration): Promise<RegisteredService>;
  service(project: Project, id: string): RegisteredService | undefined;
  services(project: Project): readonly RegisteredService[];
  /** Makes the next version, unless its content and what it relies on are as they were. */
  registerPlan(project: Project, plan: DefinedPlan): Promise<PlanRegistration>;
  /** Newest versions of those that are not retired, sorted by name. */
  plans(project: Project): readonly StoredPlan[];
  /** Undefined: the project never had a plan of this name. Versions before this one; absent: from the newest. */
  planHistory(project: Project, name: string, before?: number): PlanHistory | undefined;
  /** No action matches it any more. False: the project never had a plan of this name. */
  retirePlan(project: Project, name: string): Promise<boolean>;
  /** Groundings: adds or replaces by name. */
  applyGrounding(project: Project, body: GroundingBody): Promise<StoredGrounding>;
  /** Sorted by name. */
  groundings(project: Project): readonly StoredGrounding[];
  removeGrounding(project: Project, name: string): Promise<void>;
  removeGroundings(project: Project): Promise<void>;
  readonly capabilities: EngineCapabilities;

  // orchestrations
  /** Resolves when its plan is made and committed, or at once with `respondAsync`. */
  submit(project: Project, submission: Submission, options?: SubmitOptions): Promise<OrchestrationState>;
  /** What would be run. */
  previewPlan(project: Project, submission: Submission, signal?: AbortSignal): Promise<PlanningOutcome>;
  /** Without a project: for whoever has a read token. */
  history(project: Project | undefined, id: string): Promise<History | undefined>;
  /** From its begin, or behind a position. Undefined: the project has no such orchestration. */
  orchestrationEvents(
    project: Project | undefined,
    id: string,
    position: string | undefined,
  ): Promise<StreamReader | undefined>;
  /** From now on, or behind a position. */
  projectEvents(project: Project, position: string | undefined): Promise<StreamReader>;
  /** Undefined: the project has no such orchestration. */
  createReadToken(project: Project, id: string): Promise<ReadToken | undefined>;
  isReadToken(id: string, token: string): boolean;
  /** Ends it, unless it has ended; what was done is compensated. False: the project has no such orchestration. */
  cancel(project: Project, id: string, reason: string): Promise<boolean>;
  /** Newest first. */
  compensationFailures(project: Project): Promise<readonly StoredFailure[]>;
  /** Of whatever project: who may see it is for the gateway to say. */
  compensationFailure(id: string): Promise<StoredFailure | undefined>;
  /** A person has dealt with it. */
  resolveFailure(
    project: Project,
    failure: StoredFailure,
    resolution: 'resolved' | 'ignored',
    reason: string,
  ): Promise<void>;
  /** Another round of attempts. */
  retryCompensation(project: Project, failure: StoredFailure): Promise<void>;
  list(project: Project): Promise<readonly ListedOrchestration[]>;

  // service traffic
  connected(connection: ServiceConnection): void;
  /** Idempotent; tasks under way on it are sent over another connection, or pause. */
  disconnected(connection: ServiceConnection): void;
  /** It has refused messages because its buffer was full, and has room again. */
  writable(connection: ServiceConnection): void;
  /**
   * Resolves when the message may be acknowledged: what it says is committed (E1), or had been before, or means nothing
   * here. Rejects when it could not be stored: then it must not be acknowledged. Messages of one connection must be
   * handed over in the order received.
   */
  received(connection: ServiceConnection, message: ServiceMessage): Promise<void>;
  /**
   * A message that was addressed to a known key but malformed: the attempt fails with this text (protocol section 14).
   */
  malformed(connection: ServiceConnection, idempotencyKey: string, error: string): Promise<void>;

  close(): Promise<void>;
}

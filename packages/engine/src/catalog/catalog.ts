/**
 * The catalog of projects, keys, services and defined plans. It is in memory; every change is durable before its
 * response.
 */
import type {
  DefinedPlan,
  Grounding,
  JsonSchemas,
  ProjectId,
  ProjectSettings,
  ServiceId,
  ServiceKind,
  ServiceSchema,
} from '@orra-ts/protocol';
import type { PinnedServices } from '../domain/plan/plan-compatibility';
import type { WebhookKind, WebhookTarget } from '../domain/orchestration/webhooks';

export interface Project {
  readonly id: ProjectId;
  readonly name: string;
  readonly webhooks: readonly string[];
  readonly compensationFailureWebhooks: readonly string[];
  readonly settings: ProjectSettings;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A webhook of a project. */
export interface StoredWebhook {
  /** `w_…`. */
  readonly id: string;
  readonly projectId: ProjectId;
  readonly kind: WebhookKind;
  readonly url: string;
  /** `whsec_…`: signs its messages. */
  readonly secret: string;
  readonly createdAt: number;
}

/** A grounding: what the actions of a project mean. One version per name. */
export interface StoredGrounding extends Grounding {
  readonly projectId: ProjectId;
  readonly appliedAt: number;
}

export interface RegisteredService {
  readonly id: ServiceId;
  readonly projectId: ProjectId;
  readonly kind: ServiceKind;
  readonly name: string;
  readonly description: string;
  readonly schema: ServiceSchema;
  /** The full JSON Schemas, for planners. */
  readonly jsonSchema?: JsonSchemas;
  /** Parts of the schema that only the service checks. */
  readonly leftToService?: readonly string[];
  readonly revertible: boolean;
  /** Counts from 1 and increases with every registration. */
  readonly version: number;
  /** Capabilities that its SDK requested, such as `task-meta`. */
  readonly capabilities: readonly string[];
  /** Timeout of one attempt that its handler declares, in milliseconds. */
  readonly timeoutMs?: number;
  /** Time to live of its reverts without an output, in milliseconds. */
  readonly revertTtlMs?: number;
  /** Times of the first and the newest registration, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One version of a plan. It never changes. */
export interface StoredPlan extends DefinedPlan {
  readonly projectId: ProjectId;
  /** Counts from 1 for each name, also across removals. */
  readonly version: number;
  readonly createdAt: number;
  /** Schemas of the services that it names, each from the first registration of this version that had the service. */
  readonly pinned?: PinnedServices;
  /** The plan was removed while this was its newest version. */
  readonly retiredAt?: number;
}

/** Reads are synchronous and from memory; changes are durable when their promise resolves. */
export interface Catalog {
  project(id: ProjectId): Project | undefined;
  /** By API key. Keys are hashed and compared in constant time; the catalog does not store them. */
  projectByKey(apiKey: string): Project | undefined;
  addProject(project: Project, apiKeys: readonly string[]): Promise<void>;
  /** Replaces the data of a registered project; keeps its webhooks. */
  updateProject(project: Project): Promise<void>;
  addApiKey(projectId: ProjectId, apiKey: string): Promise<void>;
  keyCount(projectId: ProjectId): number;

  /** Webhooks of the registration, then those added later, oldest first. */
  webhooks(projectId: ProjectId, kind: WebhookKind): readonly WebhookTarget[];
  webhook(projectId: ProjectId, id: string): StoredWebhook | undefined;
  addWebhook(webhook: StoredWebhook): Promise<void>;

  /** Sorted by name. */
  groundings(projectId: ProjectId): readonly StoredGrounding[];
  /** Adds or replaces by name. */
  putGrounding(grounding: StoredGrounding): Promise<void>;
  /** Without a name, removes all of them. */
  removeGroundings(projectId: ProjectId, name?: string): Promise<void>;

  /** The service with this id in one project. */
  service(projectId: ProjectId, id: string): RegisteredService | undefined;
  /** Sorted by id. */
  services(projectId: ProjectId): readonly RegisteredService[];
  serviceCount(projectId: ProjectId): number;
  /** Every registration with that name, newest registration first. */
  servicesByName(projectId: ProjectId, name: string): readonly RegisteredService[];
  /** Adds or replaces by id. */
  putService(service: RegisteredService): Promise<void>;

  /** The plans that actions can match: the newest version of every name that is not retired, sorted by name. */
  plans(projectId: ProjectId): readonly StoredPlan[];
  /** The newest version of a name, retired or not. */
  newestPlan(projectId: ProjectId, name: string): StoredPlan | undefined;
  /** Number of names, including retired ones. */
  planCount(projectId: ProjectId): number;
  /** The versions of one name, newest first, without pinned schemas. */
  planVersions(
    projectId: ProjectId,
    name: string,
    range: { readonly before: number; readonly limit: number },
  ): readonly StoredPlan[];
  /** The next version of its name. */
  addPlan(plan: StoredPlan): Promise<void>;
  /** Stores schemas of services for which the newest version has none yet. */
  pinServices(projectId: ProjectId, name: string, pinned: PinnedServices): Promise<void>;
  /** Retires a plan, so that no action matches it any more. An unknown or retired name is not an error. */
  retirePlan(projectId: ProjectId, name: string, at: number): Promise<void>;
}

export interface PlanRegistration {
  readonly plan: StoredPlan;
  /** The same plan was registered before: there is no new version. */
  readonly isUnchanged: boolean;
}

export interface PlanHistory {
  readonly newest: StoredPlan;
  /** Newest first, at most 100. */
  readonly versions: readonly StoredPlan[];
}

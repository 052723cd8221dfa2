/** What is registered: projects, keys, services, defined plans. Kept in memory, every change durable before it is answered. */
import type {
  DefinedPlan,
  Grounding,
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

/** Somebody to be told of what happens in a project. */
export interface StoredWebhook {
  /** `w_…`. */
  readonly id: string;
  readonly projectId: ProjectId;
  readonly kind: WebhookKind;
  readonly url: string;
  /** `whsec_…`: what its messages are signed with. */
  readonly secret: string;
  readonly createdAt: number;
}

/** What the actions of a project mean; one version of a name at a time. */
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
  readonly revertible: boolean;
  /** Counts from 1, one more for every registration. */
  readonly version: number;
  /** What its SDK asked for, such as `task-meta`. */
  readonly capabilities: readonly string[];
  /** Longest run of one attempt that its handler declares, in milliseconds. */
  readonly timeoutMs?: number;
  /** Order of first registration and of the newest, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One version of a plan: it never changes. */
export interface StoredPlan extends DefinedPlan {
  readonly projectId: ProjectId;
  /** Counts from 1 for each name, whatever happens to it in between. */
  readonly version: number;
  readonly createdAt: number;
  /** Schemas of the services it names, as they were when a registration of this version first saw them. */
  readonly pinned?: PinnedServices;
  /** The plan was removed when this was its newest version. */
  readonly retiredAt?: number;
}

/** Reads are synchronous and from memory; changes are durable when their promise resolves. */
export interface Catalog {
  project(id: ProjectId): Project | undefined;
  /** By API key: hashed and compared in constant time; the key itself is stored nowhere. */
  projectByKey(apiKey: string): Project | undefined;
  addProject(project: Project, apiKeys: readonly string[]): Promise<void>;
  /** Replaces what is told of a project that is there; its webhooks are not looked at again. */
  updateProject(project: Project): Promise<void>;
  addApiKey(projectId: ProjectId, apiKey: string): Promise<void>;

  /** Those that came with the project, then those that were added, oldest first. */
  webhooks(projectId: ProjectId, kind: WebhookKind): readonly WebhookTarget[];
  webhook(projectId: ProjectId, id: string): StoredWebhook | undefined;
  addWebhook(webhook: StoredWebhook): Promise<void>;

  /** Sorted by name. */
  groundings(projectId: ProjectId): readonly StoredGrounding[];
  /** Adds or replaces by name. */
  putGrounding(grounding: StoredGrounding): Promise<void>;
  /** Without a name: all of them. */
  removeGroundings(projectId: ProjectId, name?: string): Promise<void>;

  /** Within one project. */
  service(projectId: ProjectId, id: string): RegisteredService | undefined;
  /** Sorted by id. */
  services(projectId: ProjectId): readonly RegisteredService[];
  /** Every registration of that name, newest registration first. */
  servicesByName(projectId: ProjectId, name: string): readonly RegisteredService[];
  /** Adds or replaces by id. */
  putService(service: RegisteredService): Promise<void>;

  /** What actions are matched with: the newest version of every name that is not retired, sorted by name. */
  plans(projectId: ProjectId): readonly StoredPlan[];
  /** The newest version of a name, retired or not. */
  newestPlan(projectId: ProjectId, name: string): StoredPlan | undefined;
  /** Names that there are, retired ones included. */
  planCount(projectId: ProjectId): number;
  /** Of one name, newest first, without what is pinned. */
  planVersions(
    projectId: ProjectId,
    name: string,
    range: { readonly before: number; readonly limit: number },
  ): readonly StoredPlan[];
  /** The next version of its name. */
  addPlan(plan: StoredPlan): Promise<void>;
  /** Keeps schemas of services for which the newest version has none yet. */
  pinServices(projectId: ProjectId, name: string, pinned: PinnedServices): Promise<void>;
  /** No action matches it any more. A name that is unknown or retired already is no error. */
  retirePlan(projectId: ProjectId, name: string, at: number): Promise<void>;
}

export interface PlanRegistration {
  readonly plan: StoredPlan;
  /** It was registered before just so: there is no new version. */
  readonly isUnchanged: boolean;
}

export interface PlanHistory {
  readonly newest: StoredPlan;
  /** Newest first, at most 100. */
  readonly versions: readonly StoredPlan[];
}

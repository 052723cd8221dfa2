/** The engine behind its gateway: what is registered, and the orchestrations. */
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock, type Logger, type OrraError } from '@orra-ts/common';
import {
  ENGINE_MAX_MESSAGE_BYTES,
  type DefinedPlan,
  type EngineCapabilities,
  type GroundingBody,
  type OrchestrationId,
  type ProjectRegistration,
  type ProjectSettingsBody,
  type RandomBytes,
  type ReadToken,
  type ServiceKind,
  type ServiceMessage,
  type ServiceRegistration,
  type Submission,
} from '@orra-ts/protocol';
import type {
  Catalog,
  Project,
  RegisteredService,
  StoredGrounding,
  StoredPlan,
  StoredWebhook,
  PlanHistory,
  PlanRegistration,
} from '../catalog/catalog';
import type { ServiceConnection } from '../dispatch/connections';
import { replay } from '../domain/orchestration/evolve';
import { EventFeed, type StreamReader } from '../events/event-feed';
import { ReadTokens } from '../events/read-tokens';
import type { OrchestrationState } from '../domain/orchestration/state';
import type { Journal, ListedOrchestration, StoredFailure } from '../journal/journal';
import type { EngineTimings } from '../options';
import { groundedPlanner } from '../planner/grounded-planner';
import type { Planner, PlanningOutcome } from '../planner/planner';
import { planFrom } from '../planner/sources';
import { TargetPolicy } from '../webhooks/target-policy';
import { DefinedPlans } from './defined-plans';
import type { EngineCoreApi, History } from './engine-core.types';
import { Groundings } from './groundings';
import { Orchestrations } from './orchestrations';
import type { SubmitOptions } from './submissions';
import { ProjectRegistry } from './project-registry';
import { ServiceRegistry } from './service-registry';
import type { WebhookKind } from '../domain/orchestration/webhooks';

export interface EngineCoreOptions {
  readonly journal: Journal;
  readonly catalog: Catalog;
  readonly timings: EngineTimings;
  readonly logger: Logger;
  /** What it plans is checked against the project's groundings. @default explicit plans, then defined plans */
  readonly planner?: Planner;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default the system's */
  readonly randomBytes?: RandomBytes;
  /** 0 to below 1. @default `Math.random` */
  readonly random?: () => number;
  /** @default addresses outside of any network of our own */
  readonly webhookTargets?: TargetPolicy;
  /** What read tokens are signed with. @default a random one: tokens end with the engine */
  readonly readTokenSecret?: Uint8Array;
  readonly maxMessageBytes?: number;
  /** Open orchestrations above which no more are taken. @default 100000 */
  readonly maxOpen?: number;
  /** The journal cannot be written: everything is refused from now on, and the process should end. */
  readonly onFailed?: (error: OrraError) => void;
}

/** They are in memory, and all of one service are looked at when it comes or goes. */
const MAX_OPEN = 100_000;

export class EngineCore implements EngineCoreApi {
  readonly capabilities: EngineCapabilities;
  private readonly webhookTargets: TargetPolicy;
  private readonly projectRegistry: ProjectRegistry;
  private readonly serviceRegistry: ServiceRegistry;
  private readonly groundingSpecs: Groundings;
  private readonly definedPlans: DefinedPlans;
  private readonly orchestrations: Orchestrations;
  private readonly feed: EventFeed;
  private readonly readTokens: ReadTokens;

  private constructor(private readonly options: EngineCoreOptions) {
    const { journal, catalog, timings, logger, clock = systemClock } = options;
    const random: RandomBytes = options.randomBytes ?? pooledRandomBytes();
    this.capabilities = {
      version: 1,
      maxMessageBytes: options.maxMessageBytes ?? ENGINE_MAX_MESSAGE_BYTES,
      pingIntervalMs: timings.pingIntervalMs,
      headerAuth: true,
      orderedUpdates: true,
      failureDetails: true,
      identityByName: true,
      plans: true,
    };
    this.webhookTargets = options.webhookTargets ?? new TargetPolicy('public');
    this.projectRegistry = new ProjectRegistry(catalog, clock, random, this.webhookTargets);
    this.serviceRegistry = new ServiceRegistry(catalog, clock, random);
    this.groundingSpecs = new Groundings(catalog, clock);
    this.definedPlans = new DefinedPlans(catalog, clock);
    this.feed = new EventFeed(journal, (id) => this.orchestrations.openState(id));
    this.readTokens = new ReadTokens(options.readTokenSecret ?? randomBytes(32), clock);
    this.orchestrations = new Orchestrations({
      journal,
      catalog,
      timings,
      logger,
      clock,
      planner: groundedPlanner(options.planner ?? planFrom()),
      randomBytes: random,
      random: options.random ?? Math.random,
      webhookTargets: this.webhookTargets,
      maxOpen: options.maxOpen ?? MAX_OPEN,
      onCommitted: (state) => this.feed.committed(state),
      onFailed: (error) => {
        logger.error('the engine stops: its journal cannot be written', { code: error.code, error: error.message });
        options.onFailed?.(error);
      },
    });
  }

  /** Resolves when what was open before is loaded. */
  static async start(options: EngineCoreOptions): Promise<EngineCore> {
    const core = new EngineCore(options);
    try {
      await core.orchestrations.recover();
    } catch (error) {
      // What it has resumed by then must not go on without it.
      await core.close();
      throw error;
    }
    return core;
  }

  registerProject(body: ProjectRegistration): Promise<{ project: Project; apiKey: string }> {
    return this.projectRegistry.registerProject(body);
  }

  configureProject(project: Project, changes: ProjectSettingsBody): Promise<Project> {
    return this.projectRegistry.configureProject(project, changes);
  }

  projectByKey(apiKey: string): Project | undefined {
    return this.options.catalog.projectByKey(apiKey);
  }

  addApiKey(project: Project): Promise<string> {
    return this.projectRegistry.addApiKey(project);
  }

  addWebhook(project: Project, kind: WebhookKind, url: string): Promise<StoredWebhook> {
    return this.projectRegistry.addWebhook(project, kind, url);
  }

  registerService(project: Project, kind: ServiceKind, body: ServiceRegistration): Promise<RegisteredService> {
    return this.serviceRegistry.registerService(project, kind, body);
  }

  service(project: Project, id: string): RegisteredService | undefined {
    return this.options.catalog.service(project.id, id);
  }

  services(project: Project): readonly RegisteredService[] {
    return this.options.catalog.services(project.id);
  }

  registerPlan(project: Project, plan: DefinedPlan): Promise<PlanRegistration> {
    return this.definedPlans.register(project, plan);
  }

  plans(project: Project): readonly StoredPlan[] {
    return this.options.catalog.plans(project.id);
  }

  planHistory(project: Project, name: string, before?: number): PlanHistory | undefined {
    return this.definedPlans.history(project, name, before);
  }

  retirePlan(project: Project, name: string): Promise<boolean> {
    return this.definedPlans.retire(project, name);
  }

  applyGrounding(project: Project, body: GroundingBody): Promise<StoredGrounding> {
    return this.groundingSpecs.apply(project, body);
  }

  groundings(project: Project): readonly StoredGrounding[] {
    return this.options.catalog.groundings(project.id);
  }

  removeGrounding(project: Project, name: string): Promise<void> {
    return this.groundingSpecs.remove(project, name);
  }

  removeGroundings(project: Project): Promise<void> {
    return this.groundingSpecs.removeAll(project);
  }

  submit(project: Project, submission: Submission, options?: SubmitOptions): Promise<OrchestrationState> {
    return this.orchestrations.submit(project, submission, options);
  }

  previewPlan(project: Project, submission: Submission, signal?: AbortSignal): Promise<PlanningOutcome> {
    return this.orchestrations.preview(project, submission, signal);
  }

  async history(project: Project | undefined, id: string): Promise<History | undefined> {
    const stored = await this.options.journal.load(id as OrchestrationId);
    if (!stored || (project && stored.projectId !== project.id)) return undefined;
    return { state: replay(stored.events), events: stored.events };
  }

  async orchestrationEvents(
    project: Project | undefined,
    id: string,
    position: string | undefined,
  ): Promise<StreamReader | undefined> {
    if (project && !(await this.isOf(project, id))) return undefined;
    return this.feed.ofOrchestration(id, position, project === undefined);
  }

  async projectEvents(project: Project, position: string | undefined): Promise<StreamReader> {
    // A position that cannot be read is refused before the stream begins.
    if (position !== undefined) await this.options.journal.committedAfter(project.id, position, 0);
    return this.feed.ofProject(project.id, position);
  }

  async createReadToken(project: Project, id: string): Promise<ReadToken | undefined> {
    return (await this.isOf(project, id)) ? this.readTokens.issue(id) : undefined;
  }

  isReadToken(id: string, token: string): boolean {
    return this.readTokens.isValid(id, token);
  }

  private async isOf(project: Project, id: string): Promise<boolean> {
    const part = await this.options.journal.part(id as OrchestrationId, 0, 0);
    return part?.projectId === project.id;
  }

  cancel(project: Project, id: string, reason: string): Promise<boolean> {
    return this.orchestrations.change(project, id, { kind: 'cancel', reason });
  }

  compensationFailures(project: Project): Promise<readonly StoredFailure[]> {
    return this.options.journal.failures(project.id);
  }

  compensationFailure(id: string): Promise<StoredFailure | undefined> {
    return this.options.journal.failure(id);
  }

  async resolveFailure(
    project: Project,
    { id: failureId, orchestrationId }: StoredFailure,
    resolution: 'resolved' | 'ignored',
    reason: string,
  ): Promise<void> {
    await this.orchestrations.change(project, orchestrationId, {
      kind: 'resolve_failure',
      failureId,
      resolution,
      reason,
    });
  }

  async retryCompensation(project: Project, { id: failureId, orchestrationId }: StoredFailure): Promise<void> {
    await this.orchestrations.change(project, orchestrationId, { kind: 'retry_compensation', failureId });
  }

  list(project: Project): Promise<readonly ListedOrchestration[]> {
    return this.options.journal.list(project.id);
  }

  connected(connection: ServiceConnection): void {
    this.orchestrations.connected(connection);
  }

  disconnected(connection: ServiceConnection): void {
    this.orchestrations.disconnected(connection);
  }

  writable(connection: ServiceConnection): void {
    this.orchestrations.writable(connection);
  }

  received(connection: ServiceConnection, message: ServiceMessage): Promise<void> {
    return this.orchestrations.received(connection, message);
  }

  malformed(connection: ServiceConnection, idempotencyKey: string, error: string): Promise<void> {
    return this.orchestrations.malformed(connection, idempotencyKey, error);
  }

  close(): Promise<void> {
    return this.orchestrations.close();
  }
}

/** Draws from the system in blocks: an orchestration needs dozens of short ids, and each call to the system is dear. */
function pooledRandomBytes(poolBytes = 16_384): RandomBytes {
  let pool = new Uint8Array(0);
  let used = 0;
  return (size) => {
    if (used + size > pool.length) {
      pool = randomBytes(Math.max(poolBytes, size));
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}

/**
 * The engine behind its gateway, by resource, in the same shape as the client. A command goes one way through it:
 *
 *   orchestrations / connections -> decision-loop -> committer -> effects -> dispatcher -> connection
 */
import { randomBytes } from 'node:crypto';
import { systemClock, toError, type Clock, type Logger, type OrraError, type Timer } from '@orra-ts/common';
import {
  ENGINE_MAX_MESSAGE_BYTES,
  type EngineCapabilities,
  type OrchestrationId,
  type RandomBytes,
} from '@orra-ts/protocol';
import type { Catalog } from '../catalog/catalog';
import { Connections } from '../dispatch/connections';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import { EventFeed } from '../events/event-feed';
import { ReadTokens } from '../events/read-tokens';
import type { Journal } from '../journal/journal';
import type { EngineTimings } from '../options';
import { groundedPlanner } from '../planner/grounded-planner';
import type { Planner } from '../planner/planner';
import { planFrom } from '../planner/sources';
import { TargetPolicy } from '../webhooks/target-policy';
import { Assignments } from './assignments';
import { Cancellations } from './cancellations';
import { Committer } from './committer';
import { CompensationFailures } from './compensation-failures';
import { DecisionLoop } from './decision-loop';
import { DefinedPlans } from './defined-plans';
import { Dispatcher } from './dispatcher';
import { EngineTime } from './engine-time';
import { Effects } from './effects';
import { Groundings } from './groundings';
import { HeldDeliveries } from './held-deliveries';
import { Lifecycle } from './lifecycle';
import { LiveOrchestrations } from './live-orchestrations';
import { OrchestrationPlanning } from './orchestration-planning';
import { Orchestrations } from './orchestrations';
import { Planning } from './planning';
import { pooledRandomBytes } from './pooled-random-bytes';
import { ProjectRegistry } from './project-registry';
import { ServiceConnections } from './service-connections';
import { ServiceRegistry } from './service-registry';
import { ServiceUsers } from './service-users';
import { WebhookOutbox } from './webhook-outbox';

export interface EngineCoreOptions {
  readonly journal: Journal;
  readonly catalog: Catalog;
  readonly timings: EngineTimings;
  readonly logger: Logger;
  /** Its plans are checked against the project's groundings. @default explicit plans, then defined plans */
  readonly planner?: Planner;
  /** @default the system's clock */
  readonly clock?: Clock;
  /** @default the system's random bytes */
  readonly randomBytes?: RandomBytes;
  /** 0 to below 1. @default `Math.random` */
  readonly random?: () => number;
  /** @default public addresses only */
  readonly webhookTargets?: TargetPolicy;
  /** Signs read tokens. @default a random secret: tokens end with the engine */
  readonly readTokenSecret?: Uint8Array;
  readonly maxMessageBytes?: number;
  /** Open orchestrations above which no more are taken. @default 100000 */
  readonly maxOpen?: number;
  /** The journal cannot be written: everything is refused from now on, and the process should end. */
  readonly onFailed?: (error: OrraError) => void;
}

/** Open orchestrations are in memory, and all that use a service are decided anew when it connects or disconnects. */
const MAX_OPEN = 100_000;
const FORGET_KEYS_MS = 60 * 60_000;

export class EngineCore {
  readonly capabilities: EngineCapabilities;
  readonly projects: ProjectRegistry;
  readonly services: ServiceRegistry;
  readonly plans: DefinedPlans;
  readonly groundings: Groundings;
  readonly orchestrations: Orchestrations;
  readonly events: EventFeed;
  readonly compensationFailures: CompensationFailures;
  /** Traffic of connected services. */
  readonly connections: ServiceConnections;

  private readonly lifecycle = new Lifecycle();
  /** Engine time (E11). */
  readonly time: EngineTime;
  private readonly loop: DecisionLoop;
  private readonly journal: Journal;
  private readonly committer: Committer;
  private readonly live: LiveOrchestrations;
  private readonly planning: Planning;
  private readonly outbox: WebhookOutbox;
  private readonly effects: Effects;
  private readonly logger: Logger;
  private keyTimer: Timer | undefined;

  private constructor(options: EngineCoreOptions) {
    const { journal, catalog, timings, logger, clock: wall = systemClock, random = Math.random } = options;
    const { randomBytes: bytes = pooledRandomBytes(), webhookTargets = new TargetPolicy('public') } = options;
    const { lifecycle } = this;
    const clock = new EngineTime(wall);
    this.capabilities = capabilitiesOf(options);
    this.projects = new ProjectRegistry(catalog, wall, bytes, webhookTargets);
    this.services = new ServiceRegistry(catalog, wall, bytes);
    this.plans = new DefinedPlans(catalog, wall);
    this.groundings = new Groundings(catalog, wall);
    const shared = { journal, catalog, timings, logger, clock, randomBytes: bytes, random, lifecycle };

    const available = new Set<string>();
    const connections = new Connections();
    const committer = new Committer({ ...shared, lateResultMs: timings.lateResultMs });
    const loop = new DecisionLoop({ ...shared, committer, available });
    const dispatcher = new Dispatcher(connections, loop);
    const assignments = new Assignments(timings);
    const users = new ServiceUsers(loop);
    const cancellations = new Cancellations(connections, users, assignments);
    const held = new HeldDeliveries((connection) => connections.has(connection));
    const work = { loop, dispatcher, users, cancellations, assignments, held };
    const live = new LiveOrchestrations({ ...shared, ...work, maxOpen: options.maxOpen ?? MAX_OPEN });
    const { disconnectGraceMs, claimWaitMs, webhookTimeoutMs: timeoutMs } = timings;
    this.connections = new ServiceConnections({
      ...shared,
      ...work,
      live,
      connections,
      available,
      disconnectGraceMs,
      claimWaitMs,
    });
    this.events = new EventFeed(journal, (id) => live.state(id));
    this.compensationFailures = new CompensationFailures(journal, lifecycle, live, loop);

    const previews = new Planning(groundedPlanner(options.planner ?? planFrom()), catalog);
    const planning = new OrchestrationPlanning({ ...shared, ...work, planning: previews });
    const readTokens = new ReadTokens(options.readTokenSecret ?? randomBytes(32), wall);
    this.orchestrations = new Orchestrations({ ...shared, loop, live, previews, planning, readTokens });

    const outbox = new WebhookOutbox({ ...shared, loop, timeoutMs, targets: webhookTargets });
    const { events, connections: traffic } = this;
    const { onFailed } = options;
    this.effects = new Effects({ ...shared, ...work, live, planning, outbox, events, connections: traffic, onFailed });
    committer.listen(this.effects);
    this.committer = committer;
    this.time = clock;
    this.logger = logger;
    this.loop = loop;
    this.journal = journal;
    this.live = live;
    this.planning = previews;
    this.outbox = outbox;
  }

  /** Resolves when everything that was open is loaded and continues. What cannot be read is set aside. */
  static async start(options: EngineCoreOptions): Promise<EngineCore> {
    const core = new EngineCore(options);
    try {
      const unreadable = (id: OrchestrationId, { code, message }: OrraError): void =>
        options.logger.error('an orchestration cannot be read and is set aside', {
          orchestrationId: id,
          code,
          error: message,
        });
      for await (const { id, events } of options.journal.open(unreadable)) core.resume(id, events);
      core.forgetOldKeys();
    } catch (error) {
      // What it has resumed by then must not go on without it.
      await core.close();
      throw error;
    }
    return core;
  }

  private resume(id: OrchestrationId, events: readonly OrchestrationEvent[]): void {
    this.loop.resumed();
    this.effects.resume(this.live.restore(id, events));
  }

  /** Keys of late results are kept as long as these are accepted (E8). */
  private forgetOldKeys(): void {
    const forget = async (): Promise<void> => {
      while (!this.lifecycle.stopped && (await this.journal.forgetKeysBefore(this.time.now())) > 0);
    };
    forget().catch((error: unknown) => {
      this.logger.warn('old keys could not be removed from the journal', { error: toError(error).message });
    });
    this.keyTimer = this.time.setTimer(FORGET_KEYS_MS, () => this.forgetOldKeys(), { unref: true });
  }

  /** Refuses new work, and resolves when everything decided is committed. */
  async close(): Promise<void> {
    const reason = this.lifecycle.stop();
    this.planning.close(reason);
    this.keyTimer?.clear();
    this.connections.close();
    this.outbox.close();
    this.live.close(reason);
    await this.committer.drain();
  }
}

const capabilitiesOf = ({ timings, maxMessageBytes }: EngineCoreOptions): EngineCapabilities => ({
  version: 1,
  maxMessageBytes: maxMessageBytes ?? ENGINE_MAX_MESSAGE_BYTES,
  pingIntervalMs: timings.pingIntervalMs,
  headerAuth: true,
  orderedUpdates: true,
  failureDetails: true,
  identityByName: true,
  plans: true,
  claims: true,
  jsonSchemas: true,
  sensitiveMasks: true,
});

/** Assembles an engine from storage, core and gateway, and closes them in an order in which nothing is lost. */
import { type Logger } from '@orra-ts/common';
import { engineError } from './errors';
import type { Project } from './catalog/catalog';
import { Gateway } from './gateway/gateway';
import { EngineCore } from './core/engine-core';
import { resolveEngineOptions, type EngineOptions, type ResolvedEngineOptions } from './options';
import { ProjectPlans } from './project-plans';
import { ForeignRequests } from './gateway/http/foreign-requests';
import { TargetPolicy, isLoopback } from './webhooks/target-policy';
import { CachingPlanner } from './planner/cache/caching-planner';
import { ModelPlanner } from './planner/model/model-planner';
import type { Planner } from './planner/planner';
import { planFrom } from './planner/sources';
import { openStorage, type EngineStorage } from './open-storage';

export interface ProjectOptions {
  readonly name: string;
  /** Your own key. If a project with this name already has it, that project is returned. @default a new key */
  readonly apiKey?: string;
}

export interface Engine {
  /** The engine's URL, such as `http://127.0.0.1:8005`. */
  readonly url: string;
  readonly port: number;
  /**
   * Creates a project. Only this result contains the key.
   *
   * @throws OrraError `ORRA_API_KEY_TAKEN` when the given key belongs to a project of another name
   */
  createProject(options: ProjectOptions): Promise<{ readonly id: string; readonly apiKey: string }>;
  /**
   * Accepts nothing more, commits what is under way, closes every service's connection (close code 1012) and stops.
   * Orchestrations do not end: the next engine on the same storage continues them. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Starts a Plan Engine in this process. When the promise resolves, the engine is listening, and everything that was open
 * continues.
 *
 * @throws OrraError `ORRA_INVALID_OPTION`, `ORRA_LISTEN_FAILED`, and `ORRA_STORAGE_…` when its storage cannot be used
 * @example
 * const engine = await createEngine({ port: 0, storage: ':memory:' });
 * const { apiKey } = await engine.createProject({ name: 'shop' });
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const resolved = resolveEngineOptions(options);
  const { logger, clock, random, timings, planner, maxMessageBytes } = resolved;
  const storage = openStorage({ storage: resolved.storage });
  let core: EngineCore | undefined;
  let gateway: Gateway | undefined;
  let engine: RunningEngine | undefined;
  try {
    core = await EngineCore.start({
      ...storage,
      timings,
      logger,
      clock,
      random,
      maxMessageBytes,
      webhookTargets: targetsOf(resolved),
      planner: planner ?? defaultPlanner(resolved, storage),
      onFailed: (error) => {
        // An engine that cannot store anything must not stay reachable.
        void engine?.close();
        resolved.onFailed?.(error);
      },
    });
    const plans = new ProjectPlans(core.plans, resolved.plans);
    gateway = new Gateway({
      ...resolved,
      clock: core.time,
      core,
      pingIntervalMs: timings.pingIntervalMs,
      pongWaitMs: timings.pongWaitMs,
      compensationMaxAttempts: timings.compensationMaxAttempts,
      prepareProject: (project) => plans.prepare(project),
      // Beyond loopback the engine has names that it does not know.
      foreignRequests: isLoopback(resolved.host) ? new ForeignRequests(resolved) : undefined,
    });
    const { url, port } = await gateway.listen(resolved.port, resolved.host);
    logger.info('the engine is listening', { url, storage: resolved.storage });
    engine = new RunningEngine(url, port, { storage, core, gateway, plans, logger });
    return engine;
  } catch (error) {
    await core?.close();
    await gateway?.close();
    await storage.close();
    throw error;
  }
}

/** Clients of an engine that listens only on loopback are on this machine already. */
const targetsOf = ({ webhookTargets, host }: ResolvedEngineOptions): TargetPolicy =>
  new TargetPolicy(webhookTargets === 'any' ? 'any' : isLoopback(host) ? 'loopback' : 'public');

function defaultPlanner(
  { model, planCacheSize, clock, random, logger }: ResolvedEngineOptions,
  storage: EngineStorage,
): Planner {
  if (!model) return planFrom();
  const { model: name, includeValues } = model;
  const planner = new ModelPlanner(model, { clock, random, logger });
  const cache = planCacheSize > 0 ? storage.planCache({ maxEntries: planCacheSize, clock, logger }) : undefined;
  return planFrom(new CachingPlanner(planner, { model: name, includeValues, logger, cache }));
}

interface Parts {
  readonly storage: EngineStorage;
  readonly core: EngineCore;
  readonly gateway: Gateway;
  readonly plans: ProjectPlans;
  readonly logger: Logger;
}

class RunningEngine implements Engine {
  private closing: Promise<void> | undefined;

  constructor(
    readonly url: string,
    readonly port: number,
    private readonly parts: Parts,
  ) {}

  async createProject({ name, apiKey }: ProjectOptions): Promise<{ readonly id: string; readonly apiKey: string }> {
    if (this.closing) throw engineError('ORRA_ENGINE_STOPPING', 'createProject: the engine is closed or closing');
    const { core, plans } = this.parts;
    const known = apiKey === undefined ? undefined : core.projects.byKey(apiKey);
    if (known && known.name !== name) {
      throw engineError(
        'ORRA_API_KEY_TAKEN',
        `createProject: this key already belongs to the project "${known.name}"; choose another key for "${name}", or none`,
        { details: { project: known.name } },
      );
    }
    const { project, key } = known ? { project: known, key: apiKey } : await this.register(name, apiKey);
    await plans.prepare(project);
    return { id: project.id, apiKey: key ?? '' };
  }

  private async register(name: string, apiKey: string | undefined): Promise<{ project: Project; key: string }> {
    const registered = await this.parts.core.projects.register({
      name,
      additionalAPIKeys: apiKey === undefined ? undefined : [apiKey],
    });
    return { project: registered.project, key: apiKey ?? registered.apiKey };
  }

  close(): Promise<void> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<void> {
    const { storage, core, gateway, logger } = this.parts;
    logger.info('the engine is stopping', { url: this.url });
    await gateway.drain();
    await core.close();
    await gateway.close();
    await storage.close();
    logger.info('the engine has stopped', { url: this.url });
  }
}

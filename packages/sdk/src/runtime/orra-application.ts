/** The application that `OrraFactory.create` returns. */
import { type OrraClient, createOrraClient } from '@orra-ts/client';
import {
  type OrraError,
  deferred,
  describeThrown,
  durationMs,
  isEngineEndpoint,
  withTimeout,
  type Duration,
  type EngineAddress,
  type Logger,
} from '@orra-ts/common';
import { viaProxy } from '@orra-ts/common/proxy';
import type { DefinedPlan } from '@orra-ts/protocol';
import { ConnectionManager } from './connection-manager';
import { ReconnectGovernor } from '../connection/reconnect-governor';
import { OrraBootError } from '../boot-error';
import { exploreServices, type ExploredService } from '../definition/explore';
import type { ServiceSource } from '../definition/service-source';
import { sdkError } from '../errors';
import type { JournalHealth } from '../journal/execution-journal';
import type { Plan } from '../plans/define-plan';
import { explorePlans } from '../plans/resolve-plan';
import { describeService, type AppDescription } from './describe-service';
import { engineWarnings } from './engine-warnings';
import { Instances } from './instances';
import type { ResolvedOrraOptions } from './options';
import { PlanRegistration } from './plan-registration';
import { delegateTaskScoped } from './task-scope';
import { warnAboutSchemas } from './warn-about-schemas';
import { overdueHealth, type ServiceHealth } from './service-runtime';
import { installShutdownHooks } from './shutdown-hooks';

export interface AppHealth {
  /**
   * `idle` before `start()`; `starting` until all services have been connected once; `ready` while all are connected and
   * outcomes can be stored; `degraded` while a service is not connected or has overdue handlers, or `journal.failure` is
   * set; `draining` and `closed` after `close()`.
   */
  readonly status: 'idle' | 'starting' | 'ready' | 'degraded' | 'draining' | 'closed';
  readonly services: readonly ServiceHealth[];
  readonly journal: JournalHealth;
  readonly outbox: {
    /** Outcomes that the engine has not acknowledged. */
    readonly pending: number;
  };
}

export interface CloseOptions {
  /** Grace period of running handlers, such as `'30s'` or milliseconds. @default option `drainTimeout`, 10 s */
  readonly grace?: Duration;
}

type Phase = 'idle' | 'starting' | 'started' | 'draining' | 'closed';

/** Time after the signals are aborted for handlers to stop, and for their outcomes to be acknowledged. */
const SETTLE_MS = 1_000;

export class OrraApplication {
  private phase: Phase = 'idle';
  private manager: ConnectionManager | undefined;
  private client: OrraClient | undefined;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private readonly logger: Logger;
  private readonly instances: Instances;
  private readonly failure = deferred<never>();
  private uninstallHooks: (() => void) | undefined;
  private endsProcess = false;
  private readonly services: Set<ExploredService>;
  private readonly plans: DefinedPlan[];

  /** @internal use `OrraFactory.create` */
  constructor(
    private readonly options: ResolvedOrraOptions,
    services: readonly ExploredService[],
    plans: readonly DefinedPlan[],
  ) {
    this.services = new Set(services);
    this.plans = [...plans];
    this.logger = options.logger;
    this.instances = new Instances(options);
    // Awaited only while the application starts; otherwise a rejection would be unhandled.
    this.failure.promise.catch(() => undefined);
    const { engine } = options;
    if (!isEngineEndpoint(engine)) this.client = this.createClient(engine.url, engine.readApiKey);
  }

  /**
   * The client of the application's engine: `app.orra.action('…').with({…}).submit()`.
   *
   * @throws OrraError `ORRA_APP_NOT_STARTED` if the engine starts with the application and has not started yet
   */
  get orra(): OrraClient {
    if (this.client) return this.client;
    throw sdkError(
      'ORRA_APP_NOT_STARTED',
      'app.orra: the engine starts with the app and has no URL yet; await app.start() first',
    );
  }

  /**
   * Resolves when every service is registered and connected. While the engine is unavailable, it retries and logs a
   * warning, without limit or until `startTimeout`. A second call returns the same promise.
   *
   * @throws OrraError `ORRA_UNAUTHORIZED`, `ORRA_REGISTRATION_REFUSED`, `ORRA_UNEXPECTED_RESPONSE`, `ORRA_START_TIMEOUT`,
   * `ORRA_MISSING_INSTANCE`, `ORRA_BOOT_FAILED` if an instance lacks a method of its class, `ORRA_IDENTITY_…`, or
   * `ORRA_APP_CLOSED` if it is closed meanwhile; the application is then closed
   */
  start(): Promise<void> {
    this.starting ??= this.doStart();
    return this.starting;
  }

  /**
   * Adds services, such as those of a module that was loaded later. Before `start()`, they start with the application; a
   * running application registers and connects them at once. Plans are registered again then, because they may use the
   * new services. Resolves when the new services are connected.
   *
   * @throws OrraBootError `ORRA_BOOT_FAILED` with all problems; no service is added then
   * @throws OrraError `ORRA_MISSING_INSTANCE`; no service is added then
   * @throws OrraError `ORRA_APP_CLOSED` if it is closed before or meanwhile, or what `start()` throws if the start fails
   */
  async add(sources: readonly ServiceSource[]): Promise<void> {
    if (this.closing) throw appClosed();
    const { validatorModules } = this.options;
    const { definitions, problems, warnings } = exploreServices(delegateTaskScoped(sources, this.options), {
      validatorModules,
      known: [...this.services],
    });
    if (problems.length > 0) throw new OrraBootError(problems);
    warnAboutSchemas(warnings, this.logger);
    for (const service of definitions) this.services.add(service);
    if (!this.starting) return;
    // Without a manager, the start has not reached the services yet, and starts these too.
    if (this.manager) await this.startAdded(this.manager, definitions);
    await this.starting;
    await Promise.race([this.manager?.whenReady(), this.failure.promise]);
  }

  /** @internal Adds plans before `start()`. @throws OrraBootError `ORRA_BOOT_FAILED` with all problems */
  addPlans(plans: readonly (Plan | DefinedPlan)[]): void {
    const { validatorModules } = this.options;
    const resolved = explorePlans(plans, { validatorModules });
    if (resolved.problems.length > 0) throw new OrraBootError(resolved.problems);
    this.plans.push(...resolved.plans);
  }

  /**
   * Drains and closes. It accepts no further tasks, and handlers have a grace period; then their signals are aborted.
   * When outcomes are acknowledged, it closes the connections, and the engine if that started with the application. A
   * second call returns the same promise.
   */
  close({ grace }: CloseOptions = {}): Promise<void> {
    const ms = grace === undefined ? this.options.drainTimeoutMs : durationMs(grace, 'grace');
    this.closing ??= this.doClose(ms);
    return this.closing;
  }

  health(): AppHealth {
    const services = [...(this.manager?.health() ?? []), ...this.unstarted()];
    const journal = this.options.journal.health();
    return {
      status: this.statusOf(services, journal),
      services,
      journal,
      outbox: { pending: this.manager?.pendingOutcomes ?? 0 },
    };
  }

  /** Describes the services as they are registered, and the parts of their schemas that only they check. */
  describe(): AppDescription {
    return { services: [...this.services].map(({ definition }) => describeService(definition)) };
  }

  /** Services that wait for the start or for their instance. */
  private unstarted(): ServiceHealth[] {
    const started = new Set(this.manager?.names);
    return [...this.services].flatMap((service) => {
      const { name } = service.definition;
      const overdue = overdueHealth(this.instances.overdue(service));
      const isWaiting = !started.has(name) && (this.phase !== 'started' || overdue.count > 0);
      return isWaiting ? [{ name, id: undefined, version: undefined, state: 'idle', overdue }] : [];
    });
  }

  private statusOf(services: readonly ServiceHealth[], journal: JournalHealth): AppHealth['status'] {
    if (this.phase !== 'started') return this.phase;
    const isReady = services.every(({ state, overdue }) => state === 'connected' && overdue.count === 0);
    return isReady && !journal.failure ? 'ready' : 'degraded';
  }

  private async doStart(): Promise<void> {
    if (this.closing) throw appClosed();
    this.phase = 'starting';
    if (this.options.shutdownHooks) {
      this.uninstallHooks = installShutdownHooks({
        close: () => this.close(),
        logger: this.logger,
        endsProcess: () => (this.endsProcess = true),
      });
    }
    const { startTimeoutMs, clock } = this.options;
    try {
      const connected = Promise.race([this.connect(), this.failure.promise]);
      await (startTimeoutMs === undefined
        ? connected
        : withTimeout(clock, startTimeoutMs, connected, () => this.startTimeout(startTimeoutMs)));
      this.phase = 'started';
      this.logger.info('all services are connected', { services: this.services.size });
    } catch (error) {
      const closing = this.closing as Promise<void> | undefined;
      if (closing) {
        await closing;
        // The shutdown hooks end the process. A rejection now would look like a crash.
        if (this.endsProcess) return await new Promise<never>(() => undefined);
      } else await this.close({ grace: 0 });
      throw error;
    }
  }

  private async connect(): Promise<void> {
    const { options, services } = this;
    const { engine, journal, clock, transport, logger } = options;
    await journal.open();
    let address: () => EngineAddress | Promise<EngineAddress>;
    if (isEngineEndpoint(engine)) {
      const started = await engine.start({ logger });
      this.client = this.createClient(started.url, () => Promise.resolve(started.apiKey));
      address = () => started;
    } else address = async () => ({ url: engine.url, apiKey: await engine.readApiKey() });
    const client = this.orra;
    const { reconnectBaseMs: baseMs, reconnectCapMs: capMs } = options.timings;
    const plans = new PlanRegistration(this.plans, client, {
      clock,
      random: options.random,
      baseMs,
      capMs,
      logger,
      isClosing: () => this.closing !== undefined,
    });
    const warnOfEngine = engineWarnings(logger);
    const manager = new ConnectionManager({
      context: {
        transport,
        clock,
        logger,
        address,
        identity: options.identity,
        timings: options.timings,
        connect: options.connect,
        randomBytes: options.randomBytes,
        governor: new ReconnectGovernor({
          clock,
          random: options.random,
          baseMs,
          capMs,
          concurrency: options.connectionConcurrency,
        }),
      },
      journal,
      maxMessageBytes: options.maxMessageBytes,
      handlerGraceMs: options.handlerGraceMs,
      onAllRegistered: (capabilities) => {
        warnOfEngine(services, capabilities);
        plans.servicesRegistered(capabilities);
      },
      onRejected: (error) => this.rejected(error),
    });
    if (!isEngineEndpoint(engine))
      logger.info('connecting to the Plan Engine', { url: engine.url, services: services.size });
    this.manager = manager;
    await this.startServices(manager, [...services]);
    if (services.size === 0) plans.registerWithoutServices();
    await Promise.all([manager.whenReady(), plans.whenRegistered()]);
  }

  private async startAdded(manager: ConnectionManager, added: readonly ExploredService[]): Promise<void> {
    try {
      await this.startServices(manager, added);
    } catch (error) {
      for (const service of added) this.services.delete(service);
      throw error;
    }
  }

  /** Services of one call count as registered together. */
  private async startServices(manager: ConnectionManager, services: readonly ExploredService[]): Promise<void> {
    const provided = await this.instances.provide(services);
    if (this.closing) throw appClosed();
    const added = provided.map(({ definition, instance }) => manager.add(definition, instance));
    for (const { link } of added) link.start();
  }

  /** Rejects `start()` during the start; later it logs the reason, and the link retries. */
  private rejected(error: OrraError): void {
    if (this.phase === 'starting') this.failure.reject(error);
    else this.logger.error('the engine refuses a service', { code: error.code, problem: error.message });
  }

  private async doClose(graceMs: number): Promise<void> {
    const wasStarted = this.phase === 'started';
    this.failure.reject(appClosed());
    this.phase = 'draining';
    const { manager, logger, options } = this;
    if (manager) {
      const complete = await manager.drain(wasStarted ? graceMs : 0, SETTLE_MS);
      if (!complete) {
        logger.error('closed although not all outcomes were acknowledged', { pending: manager.pendingOutcomes });
      }
      await manager.close();
    }
    await this.instances.release();
    await this.closeOrLog('the journal', () => options.journal.close());
    await this.closeOrLog('the identity store', () => options.identity.close());
    const { engine } = options;
    if (isEngineEndpoint(engine)) await this.closeOrLog('the engine', () => engine.close());
    this.phase = 'closed';
    this.uninstallHooks?.();
    logger.info('closed');
  }

  private async closeOrLog(what: string, close: () => Promise<void>): Promise<void> {
    try {
      await close();
    } catch (error) {
      this.logger.error(`${what} did not close`, { error: describeThrown(error) });
    }
  }

  private createClient(url: string, apiKey: () => Promise<string>): OrraClient {
    const { transport, logger, clock, random } = this.options;
    return createOrraClient({ url, apiKey, transport, logger, clock, random });
  }

  private startTimeout(ms: number): OrraError {
    const missing = (this.manager?.health() ?? []).filter(({ state }) => state !== 'connected').map(({ name }) => name);
    const { engine } = this.options;
    const where = isEngineEndpoint(engine) ? 'the engine' : `the engine at ${engine.url}${viaProxy(engine.url)}`;
    return sdkError(
      'ORRA_START_TIMEOUT',
      `${where} was not reached within ${ms} ms (option \`startTimeout\`), not connected: ${missing.join(', ') || 'no service yet'}; check that it runs and that its URL is right (option \`engine.url\` or ORRA_URL)`,
      { details: { missing, startTimeoutMs: ms } },
    );
  }
}

const appClosed = (): OrraError =>
  sdkError('ORRA_APP_CLOSED', 'the app was closed; create a new one with OrraFactory.create');

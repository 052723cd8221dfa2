/** All links of an app: one WebSocket per service, one governor, one place that knows whether the app is ready. */
import { randomBytes } from 'node:crypto';
import type { Logger, OrraError } from '@orra-ts/common';
import {
  GO_ENGINE_MAX_MESSAGE_BYTES,
  PING_INTERVAL_MS,
  PING_WATCHDOG_MS,
  type EngineCapabilities,
} from '@orra-ts/protocol';
import type { ServiceDefinition } from '../definition/service-definition';
import type { ExecutorContext } from '../execution/run';
import { ServiceExecutor } from '../execution/service-executor';
import type { ExecutionJournal } from '../journal/execution-journal';
import type { ConnectionContext } from '../connection/connection-context';
import { abilitiesOf, type EngineAbilities } from '../outbox/engine-abilities';
import type { LinkState } from '../connection/link-state';
import { Outbox } from '../outbox/outbox';
import { ServiceLink } from '../connection/service-link';

export interface ManagerOptions {
  readonly context: Omit<ConnectionContext, 'watchdogMs' | 'reportUnreachable'>;
  readonly journal: ExecutionJournal;
  /** Option `maxMessageBytes`. */
  readonly maxMessageBytes: number | undefined;
  /** Every service is known to the engine: for the first time, or again after the engine forgot one. */
  onAllRegistered(capabilities: EngineCapabilities | undefined): void;
  onRejected(error: OrraError): void;
}

export interface ServiceHealth {
  readonly name: string;
  /** As the engine knows it; undefined before the first registration. */
  readonly id: string | undefined;
  readonly version: number | undefined;
  readonly state: LinkState['kind'];
}

interface Member {
  readonly link: ServiceLink;
  readonly executor: ServiceExecutor;
}

/** The same trouble is not logged again for this long: with 500 services it would be all there is to read. */
const REPORT_AGAIN_MS = 30_000;
/** Longest wait at the beginning of a drain for what the engine had sent by then. */
const ADMISSION_MS = 250;
/** What the engine adds to two periods before a link counts as dead. */
const WATCHDOG_SLACK_MS = PING_WATCHDOG_MS - 2 * PING_INTERVAL_MS;

export class ConnectionManager {
  private readonly members: Member[] = [];
  private readonly context: ConnectionContext;
  private readonly logger: Logger;
  private readonly connectedOnce = new Set<ServiceLink>();
  private unregistered = 0;
  private readonly ready: (() => void)[] = [];
  private reported: { reason: string; at: number } | undefined;

  constructor(private readonly options: ManagerOptions) {
    const { context } = options;
    this.logger = context.logger;
    this.context = {
      ...context,
      watchdogMs: (capabilities) => {
        const periodMs = capabilities?.pingIntervalMs ?? context.timings.pingIntervalMs;
        return 2 * periodMs + Math.min(WATCHDOG_SLACK_MS, periodMs);
      },
      reportUnreachable: (service, reason) => this.reportUnreachable(service, reason),
    };
  }

  add(definition: ServiceDefinition, instance: unknown): void {
    const journal = this.options.journal.service(definition.name);
    const outbox: Outbox = new Outbox({
      clock: this.context.clock,
      idPrefix: `${randomBytes(4).toString('hex')}-`,
      ackTimeoutMs: this.context.timings.ackTimeoutMs,
      onAcknowledged: (key) => journal.acknowledge(key),
    });
    let { maxMessageBytes } = this.options;
    let abilities = abilitiesOf(undefined, maxMessageBytes);
    const executorContext: ExecutorContext = {
      definition,
      instance,
      journal,
      outbox,
      clock: this.context.clock,
      logger: this.logger.child({ service: definition.name }),
      abilities: (): EngineAbilities => abilities,
    };
    const executor = new ServiceExecutor(executorContext);
    const link = new ServiceLink(definition, outbox, this.context, {
      onRequest: (request) => executor.receive(request),
      onRegistered: (registered, first) => {
        abilities = abilitiesOf(registered.capabilities, maxMessageBytes);
        if (first) this.unregistered--;
        if (this.unregistered === 0) this.options.onAllRegistered(registered.capabilities);
      },
      onConnected: (connected) => {
        this.reported = undefined;
        this.connectedOnce.add(connected);
        if (this.connectedOnce.size < this.members.length) return;
        for (const resolve of this.ready.splice(0)) resolve();
      },
      onMessageTooBig: () => {
        // The engine does not say what it takes. The public one's limit is the smallest that is known.
        const limit = Math.min(abilities.maxMessageBytes, GO_ENGINE_MAX_MESSAGE_BYTES);
        this.logger.error('the engine closed the connection over the size of a message', {
          service: definition.name,
          allowed: abilities.maxMessageBytes,
          fix: `set the option \`maxMessageBytes\` to what the engine takes; ${limit} is used from now on`,
        });
        maxMessageBytes = limit;
        abilities = { ...abilities, maxMessageBytes: limit };
        executor.replaceLargeOutcomes(limit);
      },
      onRejected: (_link, error) => this.options.onRejected(error),
    });
    this.members.push({ link, executor });
    this.unregistered++;
    // X3, X4: what earlier processes did and no engine has acknowledged goes out with the first connection.
    for (const [key, outcome] of journal.unacknowledged()) outbox.sendOutcome(key, outcome, outcome.executionId);
  }

  start(): void {
    for (const { link } of this.members) link.start();
  }

  /** Resolves when every service has been connected once. */
  whenReady(): Promise<void> {
    if (this.connectedOnce.size >= this.members.length) return Promise.resolve();
    return new Promise((resolve) => this.ready.push(resolve));
  }

  /**
   * L3. Requests that were on their way are still taken: the engine cannot know that they would be refused. Then what
   * runs has until the end of the grace, is told to stop, and what came of it is acknowledged.
   *
   * @returns whether everything came to an end and was acknowledged
   */
  async drain(graceMs: number, settleMs: number): Promise<boolean> {
    const { clock } = this.context;
    const within = (ms: number, done: Promise<unknown>): Promise<boolean> =>
      new Promise((resolve) => {
        const timer = clock.setTimer(ms, () => resolve(false));
        void done.then(() => {
          timer.clear();
          resolve(true);
        });
      });
    const endAt = clock.now() + graceMs;
    await within(Math.min(graceMs, ADMISSION_MS), Promise.all(this.members.map(({ link }) => link.roundTrip())));
    for (const { executor } of this.members) executor.refuseNew();
    if (!(await within(endAt - clock.now(), this.whenIdle()))) {
      this.logger.warn('not all handlers ended within the grace, their signals are aborted', {
        graceMs,
        running: this.members.reduce((sum, { executor }) => sum + executor.runningCount, 0),
      });
      const reason = new Error('the application is closing');
      for (const { executor } of this.members) executor.stop(reason);
      await within(settleMs, this.whenIdle());
    }
    return within(Math.max(settleMs, endAt - clock.now()), this.whenAcknowledged());
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map(({ link }) => link.close()));
  }

  get pendingOutcomes(): number {
    return this.members.reduce((sum, { link }) => sum + link.outbox.pendingOutcomes, 0);
  }

  health(): readonly ServiceHealth[] {
    return this.members.map(({ link }) => ({
      name: link.definition.name,
      id: link.serviceId,
      version: link.version,
      state: link.status,
    }));
  }

  private async whenIdle(): Promise<void> {
    await Promise.all(this.members.map(({ executor }) => executor.whenIdle()));
  }

  private async whenAcknowledged(): Promise<void> {
    await Promise.all(this.members.map(({ link }) => link.outbox.whenDrained()));
  }

  private reportUnreachable(service: string, reason: string): void {
    const now = this.context.clock.now();
    if (this.reported?.reason === reason && now - this.reported.at < REPORT_AGAIN_MS) return;
    this.reported = { reason, at: now };
    this.logger.warn('the Plan Engine cannot be reached, trying again', { service, reason });
  }
}

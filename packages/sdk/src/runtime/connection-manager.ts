/**
 * Manages the links of an application: one WebSocket per service, a shared governor, and the state of the application.
 */
import { Latch, resolvesWithin, type Logger, type OrraError } from '@orra-ts/common';
import { PING_INTERVAL_MS, PING_WATCHDOG_MS, type EngineCapabilities } from '@orra-ts/protocol';
import type { ConnectionContext } from '../connection/connection-context';
import type { ServiceDefinition } from '../definition/service-definition';
import type { ExecutionJournal } from '../journal/execution-journal';
import { ServiceRuntime, overdueHealth, type ServiceHealth, type ServiceRuntimeOptions } from './service-runtime';

export interface ManagerOptions {
  readonly context: Omit<ConnectionContext, 'watchdogMs' | 'reportUnreachable'>;
  readonly journal: ExecutionJournal;
  /** Option `maxMessageBytes`. */
  readonly maxMessageBytes: number | undefined;
  /** Option `handlerGrace`. */
  readonly handlerGraceMs: number | undefined;
  /** Called when all services are registered, for the first time or again after the engine lost one. */
  onAllRegistered(capabilities: EngineCapabilities | undefined): void;
  onRejected(error: OrraError): void;
}

/** The same problem is logged at most once in this time, because 500 services would flood the log. */
const REPORT_AGAIN_MS = 30_000;
/** Maximum wait at the start of a drain for messages that the engine has already sent. */
const ADMISSION_MS = 250;
/** Slack in addition to two ping periods before a link counts as dead. */
const WATCHDOG_SLACK_MS = PING_WATCHDOG_MS - 2 * PING_INTERVAL_MS;

export class ConnectionManager {
  private readonly services: ServiceRuntime[] = [];
  private readonly serviceOptions: ServiceRuntimeOptions;
  private readonly context: ConnectionContext;
  private readonly logger: Logger;
  private readonly connectedOnce = new Set<ServiceRuntime>();
  private unregistered = 0;
  private readonly ready = new Latch();
  private reported: { reason: string; at: number } | undefined;

  constructor(options: ManagerOptions) {
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
    this.serviceOptions = {
      context: this.context,
      journal: options.journal,
      maxMessageBytes: options.maxMessageBytes,
      handlerGraceMs: options.handlerGraceMs,
      onRegistered: (capabilities, first) => {
        if (first) this.unregistered--;
        if (this.unregistered === 0) options.onAllRegistered(capabilities);
      },
      onConnected: (service) => this.connected(service),
      onRejected: (error) => options.onRejected(error),
    };
  }

  /** Its link does not start by itself. */
  add(definition: ServiceDefinition, instance: unknown): ServiceRuntime {
    const service = new ServiceRuntime(definition, instance, this.serviceOptions);
    this.services.push(service);
    this.unregistered++;
    return service;
  }

  /** Resolves when every service has been connected once. */
  whenReady(): Promise<void> {
    if (this.connectedOnce.size >= this.services.length) return Promise.resolve();
    return this.ready.wait();
  }

  /**
   * L3. Accepts requests that are already in flight, because the engine cannot know that they would be refused. Running
   * handlers have until the end of the grace period; then their signals are aborted, and their outcomes are
   * acknowledged. Overdue handlers have no grace period.
   *
   * @returns true if all handlers ended and all outcomes were acknowledged
   */
  async drain(graceMs: number, settleMs: number): Promise<boolean> {
    const { clock } = this.context;
    const endAt = clock.now() + graceMs;
    await resolvesWithin(
      clock,
      Math.min(graceMs, ADMISSION_MS),
      Promise.all(this.services.map(({ link }) => link.roundTrip())),
    );
    for (const { executor } of this.services) executor.refuseNew();
    const isIdle = await resolvesWithin(clock, endAt - clock.now(), this.whenIdle());
    if (!isIdle) {
      this.logger.warn('not all handlers ended within the grace period; their signals are aborted', {
        graceMs,
        running: this.runningCount,
      });
    }
    if (this.runningCount > 0) await this.stop(settleMs);
    return resolvesWithin(clock, Math.max(settleMs, endAt - clock.now()), this.whenAcknowledged());
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.close()));
  }

  get pendingOutcomes(): number {
    return this.services.reduce((sum, { outbox }) => sum + outbox.pendingOutcomes, 0);
  }

  get names(): string[] {
    return this.services.map(({ definition }) => definition.name);
  }

  health(): readonly ServiceHealth[] {
    return this.services.map((service) => service.health());
  }

  private get runningCount(): number {
    return this.services.reduce((sum, { executor }) => sum + executor.runningCount, 0);
  }

  /** Aborts the signals of everything that still runs, and names what does not end even then. */
  private async stop(settleMs: number): Promise<void> {
    const { clock } = this.context;
    const reason = new Error('the application is closing');
    for (const { executor } of this.services) executor.stop(reason);
    const ended = Promise.all(this.services.map(({ executor }) => executor.whenEmpty()));
    if (await resolvesWithin(clock, settleMs, ended)) return;
    this.logger.warn('handlers still run and are not waited for; the engine sends their tasks again', {
      running: this.runningCount,
      overdue: overdueHealth(this.services.flatMap(({ executor }) => executor.overdueRuns())).oldest,
    });
  }

  private async whenIdle(): Promise<void> {
    await Promise.all(this.services.map(({ executor }) => executor.whenIdle()));
  }

  private async whenAcknowledged(): Promise<void> {
    await Promise.all(this.services.map(({ outbox }) => outbox.whenDrained()));
  }

  private connected(service: ServiceRuntime): void {
    this.reported = undefined;
    this.connectedOnce.add(service);
    if (this.connectedOnce.size < this.services.length) return;
    this.ready.release();
  }

  private reportUnreachable(service: string, reason: string): void {
    const now = this.context.clock.now();
    if (this.reported?.reason === reason && now - this.reported.at < REPORT_AGAIN_MS) return;
    this.reported = { reason, at: now };
    this.logger.warn('the Plan Engine cannot be reached, retrying', { service, reason });
  }
}

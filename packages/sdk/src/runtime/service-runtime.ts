/** A running service: its journal, outbox, executor and link, and the capabilities of its engine. */
import type { Clock, Logger, OrraError } from '@orra-ts/common';
import {
  GO_ENGINE_MAX_MESSAGE_BYTES,
  type CompensationRequest,
  type EngineCapabilities,
  type ServiceRegistered,
  type TaskCancel,
  type TaskRequest,
} from '@orra-ts/protocol';
import type { ConnectionContext } from '../connection/connection-context';
import type { LinkState } from '../connection/link-state';
import { ServiceLink, type LinkListener } from '../connection/service-link';
import type { ServiceDefinition } from '../definition/service-definition';
import type { OverdueRun } from '../execution/overdue';
import { RequestSecrets } from '../execution/request-secrets';
import type { ExecutorContext } from '../execution/run';
import { ServiceExecutor } from '../execution/service-executor';
import type { ExecutionJournal, ServiceJournal } from '../journal/execution-journal';
import { Outbox } from '../outbox/outbox';
import { resolveCapabilities, type ResolvedCapabilities } from '../outbox/resolved-capabilities';

export interface ServiceHealth {
  readonly name: string;
  /** The service id; undefined before the first registration. */
  readonly id: string | undefined;
  readonly version: number | undefined;
  readonly state: LinkState['kind'];
  /** Handlers and reverts that did not end within their limit and the grace period (option `handlerGrace`). */
  readonly overdue: OverdueHealth;
}

export interface OverdueHealth {
  readonly count: number;
  /** At most 20, the oldest first. */
  readonly oldest: readonly OverdueRun[];
}

const MAX_OVERDUE_SHOWN = 20;

export const overdueHealth = (runs: readonly OverdueRun[]): OverdueHealth => ({
  count: runs.length,
  oldest: runs.slice(0, MAX_OVERDUE_SHOWN),
});

export interface ServiceRuntimeOptions {
  readonly context: ConnectionContext;
  readonly journal: ExecutionJournal;
  /** Option `maxMessageBytes`. */
  readonly maxMessageBytes: number | undefined;
  /** Option `handlerGrace`. */
  readonly handlerGraceMs: number | undefined;
  /** The engine accepted a registration; `first` is false for every later one. */
  onRegistered(capabilities: EngineCapabilities | undefined, first: boolean): void;
  onConnected(service: ServiceRuntime): void;
  onRejected(error: OrraError): void;
}

export class ServiceRuntime implements ExecutorContext, LinkListener {
  readonly journal: ServiceJournal;
  readonly outbox: Outbox;
  readonly executor: ServiceExecutor;
  readonly link: ServiceLink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secrets: RequestSecrets;
  readonly handlerGraceMs: number | undefined;
  private maxMessageBytes: number | undefined;
  private engine: ResolvedCapabilities;

  /** @param instance instance of the service class; undefined for function services */
  constructor(
    readonly definition: ServiceDefinition,
    readonly instance: unknown,
    private readonly options: ServiceRuntimeOptions,
  ) {
    const { context } = options;
    this.clock = context.clock;
    this.secrets = new RequestSecrets(definition, context.logger.child({ service: definition.name }));
    this.logger = this.secrets.logger;
    this.maxMessageBytes = options.maxMessageBytes;
    this.handlerGraceMs = options.handlerGraceMs;
    this.engine = resolveCapabilities(undefined, this.maxMessageBytes);
    this.journal = options.journal.service(definition.name);
    this.outbox = new Outbox({
      clock: context.clock,
      idPrefix: `${Buffer.from(context.randomBytes(4)).toString('hex')}-`,
      ackTimeoutMs: context.timings.ackTimeoutMs,
      onAcknowledged: (key) => this.journal.acknowledge(key),
    });
    this.executor = new ServiceExecutor(this);
    this.link = new ServiceLink(definition, this.outbox, context, this);
    // X3, X4: outcomes of earlier processes that no engine has acknowledged are sent with the first connection.
    for (const [key, outcome] of this.journal.unacknowledged()) {
      this.outbox.sendOutcome(key, outcome, outcome.executionId);
    }
  }

  capabilities(): ResolvedCapabilities {
    return this.engine;
  }

  health(): ServiceHealth {
    const { registered, status } = this.link;
    return {
      name: this.definition.name,
      id: registered?.id,
      version: registered?.version,
      state: status,
      overdue: overdueHealth(this.executor.overdueRuns()),
    };
  }

  onRequest(request: TaskRequest | CompensationRequest): void {
    this.executor.receive(request);
  }

  onCancel(request: TaskCancel): void {
    this.executor.cancel(request);
  }

  onRegistered({ capabilities }: ServiceRegistered, first: boolean): void {
    this.engine = resolveCapabilities(capabilities, this.maxMessageBytes);
    this.options.onRegistered(capabilities, first);
  }

  onConnected(): void {
    if (this.engine.claims) this.executor.claim();
    this.options.onConnected(this);
  }

  onMessageTooBig(): void {
    // The engine does not report its limit. The limit of the Go engine is the smallest known one.
    const allowed = this.engine.maxMessageBytes;
    const limit = Math.min(allowed, GO_ENGINE_MAX_MESSAGE_BYTES);
    this.options.context.logger.error('the engine closed the connection over the size of a message', {
      service: this.definition.name,
      allowed,
      fix: `set the option \`maxMessageBytes\` to the engine's limit; ${limit} is used from now on`,
    });
    this.maxMessageBytes = limit;
    this.engine = { ...this.engine, maxMessageBytes: limit };
    this.executor.replaceLargeOutcomes(limit);
  }

  onRejected(error: OrraError): void {
    this.options.onRejected(error);
  }

  async close(): Promise<void> {
    this.executor.close();
    await this.link.close();
  }
}

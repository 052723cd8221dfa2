/** A core on real SQLite with a manual clock, and connections that remember what they were sent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import type {
  EngineMessage,
  FailureDetails,
  Plan,
  ServiceMessage,
  TaskRequest,
  CompensationRequest,
} from '@orra-ts/protocol';
import type { Project, RegisteredService } from '../../src/catalog/catalog';
import type { ServiceConnection } from '../../src/dispatch/connections';
import { EngineCore, type EngineCoreOptions } from '../../src/core/engine-core';
import type { Journal } from '../../src/journal/journal';
import { DEFAULT_TIMINGS, type EngineTimings } from '../../src/options';
import { openStorage } from '../../src/open-storage';

type Request = TaskRequest | CompensationRequest;
/** Every message without the id of the service, which its connection adds. */
type Answer<M = ServiceMessage> = M extends unknown ? Omit<M, 'serviceId'> : never;

export class TestConnection implements ServiceConnection {
  load = 0;
  readonly sent: EngineMessage[] = [];
  writable = true;

  constructor(
    private readonly core: EngineCore,
    readonly service: RegisteredService,
    readonly taskMeta = false,
  ) {}

  get capabilities(): ReadonlySet<string> {
    return new Set([...this.service.capabilities, ...(this.taskMeta ? ['task-meta'] : [])]);
  }

  get serviceId(): RegisteredService['id'] {
    return this.service.id;
  }

  get projectId(): RegisteredService['projectId'] {
    return this.service.projectId;
  }

  send(message: EngineMessage): boolean {
    if (this.writable) this.sent.push(message);
    return this.writable;
  }

  get requests(): Request[] {
    return this.sent as Request[];
  }

  get lastRequest(): Request {
    const request = this.requests.at(-1);
    if (!request) throw new Error(`${this.service.name} was sent nothing`);
    return request;
  }

  answer(message: Answer): Promise<void> {
    return this.core.connections.received(this, { ...message, serviceId: this.serviceId });
  }

  result(task: unknown, request = this.lastRequest): Promise<void> {
    const compensation = { data: { kept: task }, ttl: 60_000 };
    return this.answer({ ...about(request), type: 'task_result', result: { task, compensation }, error: null });
  }

  failure(error: string, failure?: FailureDetails, request = this.lastRequest): Promise<void> {
    return this.answer({ ...about(request), type: 'task_result', result: null, error, failure: failure ?? null });
  }

  abort(payload: unknown, request = this.lastRequest): Promise<void> {
    return this.answer({ ...about(request), type: 'task_abort_result', result: { task: payload } });
  }

  revert(result: Record<string, unknown> = { status: 'completed' }, request = this.lastRequest): Promise<void> {
    return this.answer({ ...about(request), type: 'task_result', result, error: null });
  }
}

const about = ({
  id,
  executionId,
  idempotencyKey,
}: Request): { taskId: string; executionId: string; idempotencyKey: string } => ({
  taskId: id,
  executionId,
  idempotencyKey,
});

export class TestCore {
  readonly clock = new ManualClock();
  readonly folder = mkdtempSync(path.join(tmpdir(), 'orra-core-'));
  core!: EngineCore;
  project!: Project;
  private journal: Journal | undefined;
  private closeStorage: (() => void | Promise<void>) | undefined;

  static async start(
    timings: Partial<EngineTimings> = {},
    options: Partial<EngineCoreOptions> & { wrapJournal?: (journal: Journal) => Journal } = {},
  ): Promise<TestCore> {
    const test = new TestCore();
    await test.boot(timings, options);
    test.project = (await test.core.projects.register({ name: 'shop' })).project;
    return test;
  }

  async boot(
    timings: Partial<EngineTimings> = {},
    {
      wrapJournal = (journal) => journal,
      ...options
    }: Partial<EngineCoreOptions> & { wrapJournal?: (journal: Journal) => Journal } = {},
  ): Promise<void> {
    const storage = openStorage({ storage: this.folder });
    this.closeStorage = () => storage.close();
    this.journal = wrapJournal(storage.journal);
    this.core = await EngineCore.start({
      journal: this.journal,
      catalog: storage.catalog,
      timings: { ...DEFAULT_TIMINGS, retryJitter: 0, ...timings },
      logger: silentLogger,
      clock: this.clock,
      random: () => 0.5,
      ...options,
    });
  }

  /** As a process that is killed: nothing is flushed or said. */
  async kill(): Promise<void> {
    await this.closeStorage?.();
  }

  async service(
    name: string,
    options: { revertible?: boolean; capabilities?: string[]; connect?: boolean } = {},
  ): Promise<TestConnection> {
    const schema = { type: 'object', properties: { value: { type: 'string' } } };
    const service = await this.core.services.register(this.project, 'service', {
      name,
      description: `does ${name}`,
      schema: { input: schema, output: schema },
      revertible: options.revertible ?? true,
      capabilities: options.capabilities ?? [],
    });
    const connection = new TestConnection(this.core, service, options.capabilities?.includes('task-meta'));
    if (options.connect !== false) this.core.connections.connected(connection);
    return connection;
  }

  /** Another connection of a service, after a reconnect or a restart. */
  reconnect({ service, taskMeta }: TestConnection): TestConnection {
    const connection = new TestConnection(this.core, service, taskMeta);
    this.core.connections.connected(connection);
    return connection;
  }

  submit(plan: Plan, more: object = {}, signal?: AbortSignal): ReturnType<EngineCore['orchestrations']['submit']> {
    const submission = { action: { content: 'Test' }, data: [{ field: 'value', value: 'v' }], plan, ...more };
    return this.core.orchestrations.submit(this.project, submission, signal ? { signal: () => signal } : {});
  }

  /** Lets pending commits happen. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  async state(id: string): Promise<NonNullable<Awaited<ReturnType<EngineCore['orchestrations']['history']>>>['state']> {
    const history = await this.core.orchestrations.history(this.project, id);
    if (!history) throw new Error(`no orchestration ${id}`);
    return history.state;
  }

  async close(): Promise<void> {
    await this.core.close();
    await this.closeStorage?.();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const chain = (...services: string[]): Plan => ({
  tasks: services.map((service, index) => ({
    id: `task${index + 1}`,
    service,
    input: { value: `$task${index}.value` },
  })),
});

/** Stands for the core behind a gateway: one project, one service, and messages that are committed when the test says so. */
import { EventEmitter } from 'node:events';
import { OrraError, silentLogger, type LogFields, type Logger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { FakeServiceSocket, type WireMessage } from '@orra-ts/fakes';
import type { ProjectId, ServiceId, ServiceMessage } from '@orra-ts/protocol';
import type { Project, RegisteredService } from '../../src/catalog/catalog';
import type { ServiceConnection } from '../../src/dispatch/connections';
import { Gateway, type GatewayOptions } from '../../src/gateway/gateway';
import type { EngineCore } from '../../src/core/engine-core';

export const API_KEY = 'sk-orra-v1-fake';
export const SERVICE_ID = 's_fakeservice' as ServiceId;

const PROJECT: Project = {
  id: 'p_fake' as ProjectId,
  name: 'fake',
  webhooks: [],
  compensationFailureWebhooks: [],
  settings: { groundings: 'guide' },
  createdAt: 0,
  updatedAt: 0,
};
const SERVICE: RegisteredService = {
  id: SERVICE_ID,
  projectId: PROJECT.id,
  kind: 'service',
  name: 'fake-service',
  description: 'a fake',
  schema: { input: { type: 'object' }, output: { type: 'object' } },
  revertible: false,
  version: 1,
  capabilities: [],
  createdAt: 0,
  updatedAt: 0,
};

interface Handed {
  readonly message: ServiceMessage;
  readonly commit: () => void;
  readonly refuse: () => void;
}

/** Only what a test of the gateway's own work needs; everything else throws. */
export class FakeCore {
  readonly connections: ServiceConnection[] = [];
  readonly lost: ServiceConnection[] = [];
  readonly handed: Handed[] = [];
  readonly malformedKeys: [string, string][] = [];
  /** `writable`, with the connection. */
  readonly events = new EventEmitter();
  /** False: the test commits each message itself. */
  commitsAtOnce = true;
  throwsAtOnce = false;
  service: RegisteredService = SERVICE;
  private waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  get api(): EngineCore {
    const connections = {
      connected: (connection: ServiceConnection) => void this.connections.push(connection),
      disconnected: (connection: ServiceConnection) => {
        this.lost.push(connection);
        this.notice();
      },
      writable: (connection: ServiceConnection) => void this.events.emit('writable', connection),
      received: (_: ServiceConnection, message: ServiceMessage) => this.take(message),
      malformed: async (_: ServiceConnection, key: string, error: string) => {
        this.malformedKeys.push([key, error]);
      },
    };
    const projects = { byKey: (key: string) => (key === API_KEY ? PROJECT : undefined) };
    const services = { get: (_: Project, id: string) => (id === SERVICE_ID ? this.service : undefined) };
    return { capabilities: { version: 1 }, projects, services, connections } as unknown as EngineCore;
  }

  private take(message: ServiceMessage): Promise<void> {
    if (this.throwsAtOnce) throw new OrraError('ORRA_DEFECT', 'a defect of the core');
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(new OrraError('ORRA_JOURNAL_WRITE_FAILED', 'the disk is full'));
      this.handed.push({ message, commit: resolve, refuse });
      if (this.commitsAtOnce) resolve();
      this.notice();
    });
  }

  /** Resolves when so many messages were handed over or connections lost. */
  async until(count: number): Promise<void> {
    if (this.handed.length + this.lost.length >= count) return;
    await new Promise<void>((resolve) => (this.waiting = { count, resolve }));
  }

  private notice(): void {
    if (this.waiting && this.handed.length + this.lost.length >= this.waiting.count) this.waiting.resolve();
  }
}

export class MemoryLogger implements Logger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  private readonly write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void this.lines.push({ level, message, fields });

  isEnabled = (): boolean => true;
  debug = this.write('debug');
  info = this.write('info');
  warn = this.write('warn');
  error = this.write('error');
  child = (): Logger => this;
}

export interface GatewayUnderTest {
  readonly core: FakeCore;
  readonly gateway: Gateway;
  readonly clock: ManualClock;
  readonly url: string;
  readonly connect: (
    query?: Readonly<Record<string, string>>,
    headers?: Record<string, string>,
  ) => Promise<FakeServiceSocket>;
}

/** A gateway on a free port of this machine. Close it with `gateway.drain()` and `gateway.close()`. */
export async function startGateway(
  options: Partial<GatewayOptions> = {},
  clock: ManualClock = new ManualClock(),
): Promise<GatewayUnderTest> {
  const core = new FakeCore();
  const gateway = new Gateway({
    core: core.api,
    clock: clock,
    logger: silentLogger,
    maxMessageBytes: 10 * 1024,
    maxBodyBytes: 10 * 1024,
    maxBufferedBytes: 1024 * 1024,
    pingIntervalMs: 54_000,
    pongWaitMs: 60_000,
    compensationMaxAttempts: 10,
    ...options,
  });
  const { url } = await gateway.listen(0, '127.0.0.1');
  const connect: GatewayUnderTest['connect'] = (query = { serviceId: SERVICE_ID, apiKey: API_KEY }, headers) =>
    FakeServiceSocket.open(`${url.replace('http', 'ws')}/ws?${new URLSearchParams(query).toString()}`, { headers });
  return { core, gateway, clock, url, connect };
}

/** Takes all messages that a service has received when the engine has handled everything it sent before. */
export async function settled(socket: FakeServiceSocket, serviceId: string = SERVICE_ID): Promise<WireMessage[]> {
  await socket.settle({ type: 'pong', serviceId });
  return socket.takeAll();
}

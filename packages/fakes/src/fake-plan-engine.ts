/**
 * A Plan Engine for tests of services: real HTTP, real WebSockets, no planning. It registers services, sends them tasks
 * and compensations by hand, records all that they say, and misbehaves on demand.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  GO_ENGINE_MAX_MESSAGE_BYTES,
  isJsonObject,
  mintServiceId,
  type EngineCapabilities,
  type ServiceEnvelope,
  type ServiceRegistration,
  type TaskResult,
} from '@orra-ts/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import { FakeConnection, type SentRequest } from './fake-connection';
import { FakePlans } from './fake-plans';
import { Happenings } from './happenings';

/** What our engine announces. */
export const OUR_CAPABILITIES: EngineCapabilities = {
  version: 1,
  maxMessageBytes: 10 * 1024 * 1024,
  pingIntervalMs: 54_000,
  headerAuth: true,
  orderedUpdates: true,
  failureDetails: true,
  identityByName: true,
  plans: true,
};

export interface FakePlanEngineOptions {
  /** `ours`, `go` for the public engine, which announces nothing and takes 10,240 bytes, or a choice. @default 'ours' */
  readonly capabilities?: 'ours' | 'go' | EngineCapabilities;
  /** @default a fresh one */
  readonly apiKey?: string;
  /** @default 0, a free one */
  readonly port?: number;
}

/**
 * Whether and when a message is acknowledged: at once, never, not even read (as if the engine had died just before), or
 * after so many milliseconds. A function decides for each message.
 */
export type AckPolicy = 'always' | 'never' | 'discard' | number | ((envelope: ServiceEnvelope) => AckPolicy);

/** An answer to give instead of the usual one. */
export interface FakeRefusal {
  readonly status: number;
  readonly body?: unknown;
}

export interface RecordedRegistration {
  readonly kind: 'service' | 'agent';
  readonly body: ServiceRegistration;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The answer's status. */
  readonly status: number;
}

interface KnownService {
  readonly id: string;
  name: string;
  version: number;
  revertible: boolean;
}

export class FakePlanEngine {
  readonly apiKey: string;
  capabilities: EngineCapabilities | undefined;
  /** @default 'always' */
  ackPolicy: AckPolicy = 'always';
  /** Set: registrations are answered so. */
  refuseRegistration: FakeRefusal | undefined;
  /** Set: WebSocket upgrades are answered so. */
  refuseUpgrade: FakeRefusal | undefined;
  /** In order of arrival, refused ones included. */
  readonly registrations: RecordedRegistration[] = [];
  /** Bodies of `PUT /plans/{name}`. */
  readonly plans: unknown[] = [];
  /** Every connection there was, oldest first. */
  readonly connections: FakeConnection[] = [];
  /** Texts that a strict engine cannot read. */
  readonly malformed: string[] = [];

  private readonly happenings = new Happenings();
  private readonly services = new Map<string, KnownService>();
  private readonly registeredPlans = new FakePlans();
  private readonly current = new Map<string, FakeConnection>();
  private server: Server | undefined;
  private sockets: WebSocketServer | undefined;
  private port: number;

  private constructor({ capabilities = 'ours', apiKey, port = 0 }: FakePlanEngineOptions) {
    this.capabilities =
      typeof capabilities === 'object' ? capabilities : capabilities === 'ours' ? OUR_CAPABILITIES : undefined;
    this.apiKey = apiKey ?? `sk-orra-v1-${randomBytes(32).toString('hex')}`;
    this.port = port;
  }

  /** Resolves when it listens on 127.0.0.1. */
  static async start(options: FakePlanEngineOptions = {}): Promise<FakePlanEngine> {
    const engine = new FakePlanEngine(options);
    await engine.listen();
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens again, on the same port, after `close()`. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    this.sockets = new WebSocketServer({
      noServer: true,
      maxPayload: this.capabilities?.maxMessageBytes ?? GO_ENGINE_MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.upgrade(request, socket, head),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts every connection without a close frame and stops listening. Services stay known unless `forget` is set. */
  async close({ forget = false } = {}): Promise<void> {
    const { server, sockets } = this;
    this.server = this.sockets = undefined;
    for (const socket of sockets?.clients ?? []) socket.terminate();
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    this.current.clear();
    if (forget) this.forget();
  }

  /** Knows no service any longer, as an engine with a new store. */
  forget(): void {
    this.services.clear();
    this.registeredPlans.forget();
  }

  /** The connection that a service has now, or its next one. @param name of the service; any when left out */
  connected(name?: string): Promise<FakeConnection> {
    return this.happenings.until(
      () => {
        for (const connection of this.current.values()) {
          if (name === undefined || connection.serviceName === name) return connection;
        }
        return undefined;
      },
      `a connection of ${name ?? 'any service'}`,
    );
  }

  /** Resolves when the `count`-th connection ever was made, counted from 1. */
  connection(count: number): Promise<FakeConnection> {
    return this.happenings.until(() => this.connections[count - 1], `connection number ${count}`);
  }

  /** Resolves with the first truthy answer; asked again after everything that happens. @param what for the error */
  until<T>(probe: () => T | undefined | false, what = 'a condition', timeoutMs?: number): Promise<T> {
    return this.happenings.until(probe, what, timeoutMs);
  }

  /** Sends a task to the service's present connection. */
  async sendTask(name: string, input: unknown, request: Partial<SentRequest> = {}): Promise<FakeTask> {
    const connection = await this.connected(name);
    return new FakeTask(this, connection.send({ type: 'task_request', input, ...request }));
  }

  /** @param data as the service sent it in `compensation.data` */
  async sendCompensation(name: string, data: unknown, request: Partial<SentRequest> = {}): Promise<FakeTask> {
    const connection = await this.connected(name);
    const compensationContext = {
      orchestrationId: 'o_fake',
      reason: 'failed',
      timestamp: '2026-01-01T00:00:00.123456789Z',
    };
    return new FakeTask(
      this,
      connection.send({ type: 'compensation_request', input: data, compensationContext, ...request }),
    );
  }

  /** Cuts all connections: with a close frame, or as a cable would. */
  dropAll({ clean = false } = {}): void {
    for (const connection of this.current.values()) connection.drop({ clean });
  }

  /** Everything that services have said, over all connections, pongs left out. */
  get received(): ServiceEnvelope[] {
    return this.connections.flatMap(({ received }) => received).filter(({ payload }) => payload.type !== 'pong');
  }

  /** Results and aborts of one key, in order of arrival. */
  outcomesOf(key: string): ServiceEnvelope[] {
    return this.received.filter(
      ({ payload }) =>
        (payload.type === 'task_result' || payload.type === 'task_abort_result') && payload.idempotencyKey === key,
    );
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = (status: number, body?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    const path = request.url ?? '';
    if (path === '/health') return reply(200, {});
    let body: unknown;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString() || 'null');
    } catch {
      return reply(400, { error: { kind: 'invalid request error', code: 'Orra:JSONMarshalingFail' } });
    }
    const isKeyRight = request.headers.authorization === `Bearer ${this.apiKey}`;
    const kind = /^\/register\/(service|agent)$/.exec(path)?.[1] as 'service' | 'agent' | undefined;
    if (kind && request.method === 'POST') {
      const answer =
        this.refuseRegistration ?? (isKeyRight ? this.register(body as ServiceRegistration) : { status: 403 });
      this.registrations.push({
        kind,
        body: body as ServiceRegistration,
        headers: request.headers,
        status: answer.status,
      });
      reply(answer.status, answer.body);
      this.happenings.happened();
      return;
    }
    const [, isOfPlans, planName = ''] = /^(\/plans)(?:\/([^/?]+))?(?:\?|$)/.exec(path) ?? [];
    if (isOfPlans && this.capabilities?.plans) {
      if (!isKeyRight) return reply(403);
      const method = request.method ?? '';
      const answer = this.registeredPlans.answer(method, decodeURIComponent(planName), body);
      if (answer && method === 'PUT') this.plans.push(body);
      reply(answer?.status ?? 404, answer?.body);
      this.happenings.happened();
      return;
    }
    reply(404, undefined);
  }

  private register(body: ServiceRegistration): FakeRefusal {
    const name = body.name ?? '';
    let service: KnownService | undefined;
    if (body.id) {
      service = this.services.get(body.id);
      if (!service) {
        const message = `service with key ${body.id} not found: service not found`;
        return { status: 500, body: { error: { kind: 'unanticipated error', message } } };
      }
    } else if (body.identity === 'name' && this.capabilities?.identityByName) {
      service = [...this.services.values()].find((known) => known.name === name);
    }
    service ??= { id: mintServiceId(randomBytes), name, version: 0, revertible: false };
    service.name = name;
    service.version++;
    service.revertible = body.revertible === true;
    this.services.set(service.id, service);
    const { id, version, revertible } = service;
    const { capabilities } = this;
    return {
      status: 200,
      body: { id, name, revertible, status: 'registered', version, ...(capabilities && { capabilities }) },
    };
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', this.url);
    const id = url.searchParams.get('serviceId') ?? '';
    const service = this.services.get(id);
    const viaHeader = this.capabilities?.headerAuth ? request.headers.authorization : undefined;
    const isKeyRight = (viaHeader ?? `Bearer ${url.searchParams.get('apiKey')}`) === `Bearer ${this.apiKey}`;
    const status = this.refuseUpgrade?.status ?? (!isKeyRight ? 403 : service ? undefined : 500);
    if (status !== undefined || !service) {
      socket.end(`HTTP/1.1 ${status ?? 500} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.sockets?.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const connection = new FakeConnection(webSocket, id, service.name, request.url ?? '', {
        ackPolicy: () => this.ackPolicy,
        malformed: (text) => this.malformed.push(text),
        happened: () => this.happenings.happened(),
        closed: () => {
          // Only its own entry: the newer connection of a service must stay reachable.
          if (this.current.get(id) === connection) this.current.delete(id);
        },
      });
      this.connections.push(connection);
      this.current.set(id, connection);
      this.happenings.happened();
    });
  }
}

/** A request that was sent, and what the service makes of it. */
export class FakeTask {
  constructor(
    private readonly engine: FakePlanEngine,
    readonly request: SentRequest,
  ) {}

  get key(): string {
    return this.request.idempotencyKey;
  }

  /** The first outcome: a `task_result`, or a `task_abort_result`. */
  async outcome(): Promise<ServiceEnvelope['payload']> {
    return (await this.engine.until(() => this.engine.outcomesOf(this.key)[0], `an outcome of ${this.key}`)).payload;
  }

  /** The first result. @throws when the task was aborted */
  async result(): Promise<TaskResult> {
    const payload = await this.outcome();
    if (payload.type !== 'task_result') throw new Error(`${this.key} ended with ${payload.type}`);
    return payload;
  }

  /** What the handler returned. @throws when it failed */
  async output(): Promise<unknown> {
    const { result, error } = await this.result();
    if (typeof error === 'string' && error !== '') throw new Error(`${this.key} failed: ${error}`);
    return isJsonObject(result) ? result['task'] : undefined;
  }

  /** Updates so far, in order of arrival. */
  get updates(): unknown[] {
    return this.engine.received.flatMap(({ payload }) =>
      payload.type === 'task_interim_result' && payload.idempotencyKey === this.key ? [payload.result.task] : [],
    );
  }

  /** Sends it once more: the same key, and by default a new execution id, as an engine's next attempt. */
  async sendAgain(request: Partial<SentRequest> = {}): Promise<FakeTask> {
    const { type, serviceId } = this.request;
    const connection = await this.engine.until(
      () => this.engine.connections.findLast((candidate) => candidate.serviceId === serviceId && candidate.isOpen),
      `a connection of ${serviceId}`,
    );
    const { executionId: _, ...same } = this.request;
    return new FakeTask(this.engine, connection.send({ ...same, type, ...request }));
  }
}

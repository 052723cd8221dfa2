/**
 * A Plan Engine for tests of services: real HTTP, real WebSockets, no planning. Services register with it, and tests send
 * them tasks and compensations. It records all messages, and misbehaves on demand.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  CAPABILITIES_HEADER,
  encodeCapabilities,
  GO_ENGINE_MAX_MESSAGE_BYTES,
  parseCapabilities,
  type EngineCapabilities,
  type ServiceEnvelope,
  type ServiceRegistration,
} from '@orra-ts/protocol';
import { Conditions } from './conditions';
import { FakeConnection, type SentRequest } from './fake-connection';
import { FakePlans } from './fake-plans';
import { FakeServices } from './fake-services';
import { FakeTask } from './fake-task';
import { sendResponse, type FakeHttpResponse } from './http-response';

/** Capabilities that the embedded engine announces. */
export const OUR_CAPABILITIES: EngineCapabilities = {
  version: 1,
  maxMessageBytes: 10 * 1024 * 1024,
  pingIntervalMs: 54_000,
  headerAuth: true,
  orderedUpdates: true,
  failureDetails: true,
  identityByName: true,
  plans: true,
  claims: true,
  jsonSchemas: true,
  sensitiveMasks: true,
};

const JSON_TYPE = { 'content-type': 'application/json' };

export interface FakePlanEngineOptions {
  /** Those of the embedded engine (`ours`), none and a limit of 10,240 bytes (`go`), or any others. @default 'ours' */
  readonly capabilities?: 'ours' | 'go' | EngineCapabilities;
  /** @default a new key */
  readonly apiKey?: string;
  /** Additional API keys that are accepted. @default none */
  readonly additionalApiKeys?: readonly string[];
  /** @default 0, a free port */
  readonly port?: number;
}

/**
 * Whether and when a message is acknowledged: immediately (`always`), never, or after this many milliseconds. `discard`
 * ignores the message, as if the engine had crashed before reading it. A function decides for each message.
 */
export type AckPolicy = 'always' | 'never' | 'discard' | number | ((envelope: ServiceEnvelope) => AckPolicy);

export interface RecordedRegistration {
  readonly kind: 'service' | 'agent';
  readonly body: ServiceRegistration;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** HTTP status of the response. */
  readonly status: number;
}

export class FakePlanEngine {
  readonly apiKey: string;
  capabilities: EngineCapabilities | undefined;
  /** @default 'always' */
  ackPolicy: AckPolicy = 'always';
  /**
   * Replaces the response to registrations. If it is a function that returns undefined, the default response is sent.
   * A 200 response with an `id` in its body makes the service known under that id.
   */
  registrationResponse:
    | FakeHttpResponse
    | ((registration: Omit<RecordedRegistration, 'status'>) => FakeHttpResponse | undefined)
    | undefined;
  /** Refuses WebSocket upgrades with this status. */
  upgradeResponse: { readonly status: number } | undefined;
  /** Registrations, including rejected ones, in order of arrival. */
  readonly registrations: RecordedRegistration[] = [];
  /** Bodies of `PUT /plans/{name}`. */
  readonly plans: unknown[] = [];
  /** All connections, including closed ones, oldest first. */
  readonly connections: FakeConnection[] = [];
  /** Messages that do not match the protocol's schemas. */
  readonly malformed: string[] = [];

  private readonly authorizations: ReadonlySet<string>;
  private readonly conditions = new Conditions();
  private readonly services = new FakeServices();
  private readonly registeredPlans = new FakePlans();
  private readonly current = new Map<string, FakeConnection>();
  private server: Server | undefined;
  private sockets: WebSocketServer | undefined;
  private port: number;

  private constructor({ capabilities = 'ours', apiKey, additionalApiKeys = [], port = 0 }: FakePlanEngineOptions) {
    this.capabilities =
      typeof capabilities === 'object' ? capabilities : capabilities === 'ours' ? OUR_CAPABILITIES : undefined;
    this.apiKey = apiKey ?? `sk-orra-v1-${randomBytes(32).toString('hex')}`;
    this.authorizations = new Set([this.apiKey, ...additionalApiKeys].map((key) => `Bearer ${key}`));
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
    const server = createServer((request, response) => void this.serve(request, response));
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

  /** Forgets all services and plans, like an engine with new storage. */
  forget(): void {
    this.services.forget();
    this.registeredPlans.forget();
  }

  /** Resolves with the current or next connection of a service. @param name of the service @default any service */
  connected(name?: string): Promise<FakeConnection> {
    return this.conditions.until(
      () => {
        for (const connection of this.current.values()) {
          if (name === undefined || connection.serviceName === name) return connection;
        }
        return undefined;
      },
      `a connection of ${name ?? 'any service'}`,
    );
  }

  /** Resolves with the `count`-th connection since the start, counted from 1. */
  connection(count: number): Promise<FakeConnection> {
    return this.conditions.until(() => this.connections[count - 1], `connection number ${count}`);
  }

  /**
   * Resolves with the first result of `probe` that is neither undefined nor false. Probes again after every change. Rejects
   * after 15 s by default.
   * @param what named in the error
   */
  until<T>(probe: () => T | undefined | false, what = 'a condition', timeoutMs?: number): Promise<T> {
    return this.conditions.until(probe, what, timeoutMs);
  }

  /** Sends a task to the current connection of a service. */
  async sendTask(name: string, input: unknown, request: Partial<SentRequest> = {}): Promise<FakeTask> {
    const connection = await this.connected(name);
    return new FakeTask(this, connection.send({ type: 'task_request', input, ...request }));
  }

  /** Sends a compensation request. @param data the `compensation.data` of the service */
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

  /** Drops all connections, with or without a close frame. */
  dropAll({ clean = false } = {}): void {
    for (const connection of this.current.values()) connection.drop({ clean });
  }

  /** Messages of services over all connections, without pongs. */
  get received(): ServiceEnvelope[] {
    return this.connections.flatMap(({ received }) => received).filter(({ payload }) => payload.type !== 'pong');
  }

  /** Results and aborts with this idempotency key, in order of arrival. */
  outcomesOf(key: string): ServiceEnvelope[] {
    return this.received.filter(
      ({ payload }) =>
        (payload.type === 'task_result' || payload.type === 'task_abort_result') && payload.idempotencyKey === key,
    );
  }

  /** Statuses that services sent for this idempotency key, such as `in_progress`, in order of arrival. */
  statusesOf(key: string): string[] {
    return this.received.flatMap(({ payload }) =>
      payload.type === 'task_status' && payload.idempotencyKey === key ? [payload.status ?? 'in_progress'] : [],
    );
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    sendResponse(response, this.respondTo(request, Buffer.concat(chunks).toString()), JSON_TYPE);
    this.conditions.changed();
  }

  private respondTo({ url: path = '', method = '', headers }: IncomingMessage, text: string): FakeHttpResponse {
    if (path === '/health') {
      const names = (['identityByName', 'jsonSchemas'] as const).filter((name) => this.capabilities?.[name] === true);
      return { status: 200, headers: { [CAPABILITIES_HEADER]: encodeCapabilities(names) }, body: {} };
    }
    let body: unknown;
    try {
      body = JSON.parse(text || 'null');
    } catch {
      return { status: 400, body: { error: { kind: 'invalid request error', code: 'Orra:JSONMarshalingFail' } } };
    }
    const isKeyValid = this.authorizations.has(headers.authorization ?? '');
    const kind = /^\/register\/(service|agent)$/.exec(path)?.[1] as 'service' | 'agent' | undefined;
    if (kind && method === 'POST')
      return this.register({ kind, body: body as ServiceRegistration, headers }, isKeyValid);
    const [, isOfPlans, planName = ''] = /^(\/plans)(?:\/([^/?]+))?(?:\?|$)/.exec(path) ?? [];
    if (isOfPlans && this.capabilities?.plans) {
      if (!isKeyValid) return { status: 403 };
      const response = this.registeredPlans.respond(method, decodeURIComponent(planName), body);
      if (response && method === 'PUT') this.plans.push(body);
      return response ?? { status: 404 };
    }
    return { status: 404 };
  }

  private register(registration: Omit<RecordedRegistration, 'status'>, isKeyValid: boolean): FakeHttpResponse {
    const { body } = registration;
    const { registrationResponse: scripted } = this;
    let response = typeof scripted === 'function' ? scripted(registration) : scripted;
    if (response) this.services.registerAs(response, body);
    else response = isKeyValid ? this.services.register(body, this.capabilities) : { status: 403 };
    this.registrations.push({ ...registration, status: response.status });
    return response;
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', this.url);
    const id = url.searchParams.get('serviceId') ?? '';
    const service = this.services.get(id);
    const viaHeader = this.capabilities?.headerAuth ? request.headers.authorization : undefined;
    const isKeyValid = this.authorizations.has(viaHeader ?? `Bearer ${url.searchParams.get('apiKey')}`);
    const status = this.upgradeResponse?.status ?? (!isKeyValid ? 403 : service ? undefined : 500);
    if (status !== undefined || !service) {
      socket.end(`HTTP/1.1 ${status ?? 500} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.sockets?.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const announced = request.headers[CAPABILITIES_HEADER.toLowerCase()];
      const capabilities = typeof announced === 'string' ? parseCapabilities(announced) : [];
      const connection = new FakeConnection(webSocket, id, service.name, request.url ?? '', capabilities, {
        ackPolicy: () => this.ackPolicy,
        malformed: (message) => this.malformed.push(message),
        changed: () => this.conditions.changed(),
        closed: () => {
          // Keep the entry of a newer connection of the same service.
          if (this.current.get(id) === connection) this.current.delete(id);
        },
      });
      this.connections.push(connection);
      this.current.set(id, connection);
      this.conditions.changed();
    });
  }
}

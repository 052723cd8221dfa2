/**
 * Plays the engine's side of a recording to our SDK, byte for byte: the recorded answers, ids and messages, in the
 * recorded order, each as soon as what stands before it has happened. What the SDK says is compared with the recording.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { GO_ENGINE_MAX_MESSAGE_BYTES } from '@orra-ts/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import { amend, loadRecording, type Amendment, type Json, type Step } from './recording';

/** Far above anything local: it only ends what would never end. */
const PATIENCE_MS = 8_000;

const IS_REGISTRATION = /^POST \/register\/(service|agent)$/;

interface Registration {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Json;
}

class Connection {
  /** Texts of the service that the recording has not come to yet. */
  readonly unread: string[] = [];
  closeCode: number | undefined;

  constructor(
    readonly webSocket: WebSocket,
    readonly path: string,
    heard: () => void,
  ) {
    webSocket.on('message', (data: Buffer) => {
      this.unread.push(data.toString());
      heard();
    });
    webSocket.on('error', () => undefined);
    webSocket.on('close', (code) => {
      this.closeCode = code;
      heard();
    });
  }
}

export class RecordedEngine {
  readonly registrations: Registration[] = [];
  readonly connections: Connection[] = [];
  readonly steps: readonly Step[];
  /** What the SDK has said so far, where the recording expected something. */
  readonly heardTexts: string[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: GO_ENGINE_MAX_MESSAGE_BYTES });
  /** Wrapper ids are the SDK's own: the recorded ones stand for them in ACKs. */
  private readonly wrapperIds = new Map<string, string>();
  private waiting: (() => void)[] = [];
  private played = 0;

  private constructor(recording: string, amendments: readonly Omit<Amendment, 'because'>[]) {
    this.steps = amend(
      loadRecording(recording),
      amendments.map((amendment) => ({ because: '', ...amendment })),
    );
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.connections.push(new Connection(webSocket, request.url ?? '', () => this.heard()));
        this.heard();
      });
    });
  }

  static async start(
    recording: string,
    amendments: readonly Omit<Amendment, 'because'>[] = [],
  ): Promise<RecordedEngine> {
    const engine = new RecordedEngine(recording, amendments);
    await once(engine.server.listen(0, '127.0.0.1'), 'listening');
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Of the recorded projects, in order. */
  get apiKeys(): string[] {
    return this.steps.flatMap(({ http, answer }) => (http === 'POST /register/project' ? [answer?.body.apiKey] : []));
  }

  /** Services as they were registered, once each. */
  get services(): { readonly kind: 'service' | 'agent'; readonly body: Json }[] {
    const found = new Map<string, { kind: 'service' | 'agent'; body: Json }>();
    for (const { http = '', body } of this.steps) {
      const kind = IS_REGISTRATION.exec(http)?.[1];
      if (kind && !found.has(body.name as string)) found.set(body.name as string, { kind: kind as 'service', body });
    }
    return [...found.values()];
  }

  /** Plays up to the step that the predicate names, that one included; all that is left when none is given. */
  async play(isLast: (step: Step) => boolean = () => false): Promise<void> {
    for (let step = this.steps[this.played++]; step; step = this.steps[this.played++]) {
      await this.step(step);
      if (isLast(step)) return;
    }
  }

  /** What the SDK has said beyond the recording. */
  get unread(): string[] {
    return this.connections.flatMap(({ unread }) => unread);
  }

  async until(probe: () => unknown, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
    });
    try {
      while (!probe()) await Promise.race([new Promise<void>((resolve) => this.waiting.push(resolve)), impatient]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    for (const { webSocket } of this.connections) webSocket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async step(step: Step): Promise<void> {
    const { conn = 0 } = step;
    if (step.http !== undefined) {
      // What HTTP clients did is of no interest to a service.
      if (!IS_REGISTRATION.test(step.http)) return;
      const count = this.steps.slice(0, this.played).filter(({ http }) => IS_REGISTRATION.test(http ?? '')).length;
      await this.until(() => this.registrations.length >= count, `registration ${count}`);
    } else if (step.connect !== undefined) {
      const path = step.connect;
      const count = this.steps.slice(0, this.played).filter(({ connect }) => connect === path).length;
      await this.until(() => this.connectionsTo(path).length >= count, `connection ${conn}, ${path}`);
    } else if (step.sdk !== undefined) await this.hear(step.sdk, conn);
    else if (step.engine !== undefined) this.say(step.engine, conn);
    else if (step.ping === 'engine') {
      const { webSocket } = this.connection(conn);
      const ponged = once(webSocket, 'pong');
      webSocket.ping();
      await ponged;
    } else if (step.close !== undefined && this.comesBack()) {
      const connection = this.connection(conn);
      if (step.close === 1006) connection.webSocket.terminate();
      else if (step.close === 1005) connection.webSocket.close();
      else connection.webSocket.close(step.close);
      await this.until(() => connection.closeCode !== undefined, `the end of connection ${conn}`);
    }
  }

  /** A close with nothing behind it is the service's own goodbye. */
  private comesBack(): boolean {
    return this.steps.slice(this.played).some(({ connect }) => connect !== undefined);
  }

  private async hear(recorded: Json, conn: number): Promise<void> {
    const connection = this.connection(conn);
    await this.until(() => connection.unread.length > 0, `a ${recorded.payload?.type} on connection ${conn}`);
    const text = connection.unread.shift() ?? '';
    this.heardTexts.push(text);
    const actual = JSON.parse(text);
    expect(actual).toEqual({ id: expect.any(String), payload: recorded.payload });
    if (recorded.id === 'pong') expect(actual.id).toBe('pong');
    else this.wrapperIds.set(`${conn} ${recorded.id}`, actual.id as string);
  }

  private say(message: Json, conn: number): void {
    const said =
      message.type === 'ACK' ? { ...message, id: this.wrapperIds.get(`${conn} ${message.id}`) } : (message as object);
    // The one message that the original writes by hand, blanks included.
    const text =
      message.type === 'ping' ? `{ "type": "ping", "serviceId": "${message.serviceId}" }` : JSON.stringify(said);
    this.connection(conn).webSocket.send(text);
  }

  /** The recording numbers connections in its own order; ours may come in another one. */
  private connection(conn: number): Connection {
    const opened = this.steps.filter(({ connect }) => connect !== undefined);
    const path = opened.find((step) => step.conn === conn)?.connect ?? '';
    const nth = opened.filter(({ connect }) => connect === path).findIndex((step) => step.conn === conn);
    const connection = this.connectionsTo(path)[nth];
    if (!connection) throw new Error(`there is no connection ${conn}, ${path}`);
    return connection;
  }

  private connectionsTo(path: string): Connection[] {
    return this.connections.filter((connection) => connection.path === path);
  }

  private heard(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Registrations are answered as recorded for that name, in turn. */
  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const { url: path = '' } = request;
    const answers = this.steps.filter(({ http, body: asked }) => http === `POST ${path}` && asked.name === body.name);
    const nth = this.registrations.filter((one) => one.path === path && one.body.name === body.name).length;
    const answer = answers[nth]?.answer;
    this.registrations.push({ path, authorization: request.headers.authorization, body });
    response.writeHead(answer?.status ?? 404, {
      'content-type': answer?.type ?? 'text/plain; charset=utf-8',
      'x-orra-planeengine-version': '0.2.5',
    });
    response.end(answer ? `${JSON.stringify(answer.body)}\n` : '404 page not found\n');
    this.heard();
  }
}

/**
 * Plays the engine's side of a recording to our SDK, byte for byte: the recorded responses, ids and messages, in the
 * recorded order, each as soon as the steps before it have happened. The SDK's messages are compared with the recording.
 */
import { FakePlanEngine, type FakeConnection, type FakeHttpResponse, type RecordedRegistration } from '@orra-ts/fakes';
import { amend, loadRecording, type Amendment, type Json, type Step } from './recording';

const IS_REGISTRATION = /^POST \/register\/(service|agent)$/;

interface Registration {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Json;
}

export class SdkReplay {
  readonly steps: readonly Step[];
  /** The SDK's messages so far, where the recording expected one. */
  readonly heardTexts: string[] = [];
  /** How many messages of each connection were compared. */
  private readonly read = new Map<FakeConnection, number>();
  /** The SDK makes its own wrapper ids: they replace the recorded ones in ACKs. */
  private readonly wrapperIds = new Map<string, string>();
  private played = 0;

  private constructor(
    private readonly engine: FakePlanEngine,
    steps: readonly Step[],
  ) {
    this.steps = steps;
    engine.ackPolicy = 'never';
    engine.registrationResponse = (registration) => this.responseTo(registration);
  }

  static async start(recording: string, amendments: readonly Omit<Amendment, 'reason'>[] = []): Promise<SdkReplay> {
    const steps = amend(
      loadRecording(recording),
      amendments.map((amendment) => ({ reason: '', ...amendment })),
    );
    const [apiKey = '', ...additionalApiKeys] = recordedKeys(steps);
    return new SdkReplay(await FakePlanEngine.start({ capabilities: 'go', apiKey, additionalApiKeys }), steps);
  }

  get url(): string {
    return this.engine.url;
  }

  /** API keys of the recorded projects, in order. */
  get apiKeys(): string[] {
    return recordedKeys(this.steps);
  }

  get connections(): readonly FakeConnection[] {
    return this.engine.connections;
  }

  get registrations(): Registration[] {
    return this.engine.registrations.map(({ kind, body, headers }) => ({
      path: `/register/${kind}`,
      authorization: headers['authorization'] as string | undefined,
      body,
    }));
  }

  /** Services as they were registered, each once. */
  get services(): { readonly kind: 'service' | 'agent'; readonly body: Json }[] {
    const found = new Map<string, { kind: 'service' | 'agent'; body: Json }>();
    for (const { http = '', body } of this.steps) {
      const kind = IS_REGISTRATION.exec(http)?.[1];
      if (kind && !found.has(body.name as string)) found.set(body.name as string, { kind: kind as 'service', body });
    }
    return [...found.values()];
  }

  /** Plays up to and including the first step for which the predicate holds; all remaining steps without a predicate. */
  async play(isLast: (step: Step) => boolean = () => false): Promise<void> {
    for (let step = this.steps[this.played++]; step; step = this.steps[this.played++]) {
      await this.step(step);
      if (isLast(step)) return;
    }
  }

  /** The SDK's messages that the recording does not have. */
  get unread(): string[] {
    return this.connections.flatMap((connection) => connection.rawMessages.slice(this.read.get(connection) ?? 0));
  }

  async until(probe: () => unknown, what: string): Promise<void> {
    await this.engine.until(() => Boolean(probe()), what);
  }

  close(): Promise<void> {
    return this.engine.close();
  }

  private async step(step: Step): Promise<void> {
    const { conn = 0 } = step;
    if (step.http !== undefined) {
      // Requests of HTTP clients do not concern a service.
      if (!IS_REGISTRATION.test(step.http)) return;
      const count = this.steps.slice(0, this.played).filter(({ http }) => IS_REGISTRATION.test(http ?? '')).length;
      await this.until(() => this.engine.registrations.length >= count, `registration ${count}`);
    } else if (step.connect !== undefined) {
      const path = step.connect;
      const count = this.steps.slice(0, this.played).filter(({ connect }) => connect === path).length;
      await this.until(() => this.connectionsTo(path).length >= count, `connection ${conn}, ${path}`);
    } else if (step.sdk !== undefined) await this.hear(step.sdk, conn);
    else if (step.engine !== undefined) this.say(step.engine, conn);
    else if (step.ping === 'engine') await this.connection(conn).protocolPing();
    else if (step.close !== undefined && this.reconnectsLater()) {
      const connection = this.connection(conn);
      connection.drop({ clean: step.close !== 1006, code: step.close });
      await this.until(() => !connection.isOpen, `connection ${conn} to close`);
    }
  }

  /** A close without a later connection was made by the service itself, at its end. */
  private reconnectsLater(): boolean {
    return this.steps.slice(this.played).some(({ connect }) => connect !== undefined);
  }

  private async hear(recorded: Json, conn: number): Promise<void> {
    const connection = this.connection(conn);
    const index = this.read.get(connection) ?? 0;
    const text = await this.engine.until(
      () => connection.rawMessages[index],
      `a ${recorded.payload?.type} on connection ${conn}`,
    );
    this.read.set(connection, index + 1);
    this.heardTexts.push(text);
    const actual = JSON.parse(text);
    expect(actual).toEqual({ id: expect.any(String), payload: recorded.payload });
    if (recorded.id === 'pong') expect(actual.id).toBe('pong');
    else this.wrapperIds.set(`${conn} ${recorded.id}`, actual.id as string);
  }

  private say(message: Json, conn: number): void {
    const connection = this.connection(conn);
    // The Go engine writes this one message by hand, with whitespace.
    if (message.type === 'ping') return connection.sendRaw(`{ "type": "ping", "serviceId": "${message.serviceId}" }`);
    const said = message.type === 'ACK' ? { ...message, id: this.wrapperIds.get(`${conn} ${message.id}`) } : message;
    connection.sendRaw(JSON.stringify(said));
  }

  /** The SDK may open its connections in another order than the recorded one. */
  private connection(conn: number): FakeConnection {
    const opened = this.steps.filter(({ connect }) => connect !== undefined);
    const path = opened.find((step) => step.conn === conn)?.connect ?? '';
    const nth = opened.filter(({ connect }) => connect === path).findIndex((step) => step.conn === conn);
    const connection = this.connectionsTo(path)[nth];
    if (!connection) throw new Error(`connection ${conn} is not open: ${path}`);
    return connection;
  }

  private connectionsTo(path: string): FakeConnection[] {
    return this.connections.filter((connection) => connection.path === path);
  }

  /** The recorded responses to registrations of this name, in turn. */
  private responseTo({ kind, body }: Omit<RecordedRegistration, 'status'>): FakeHttpResponse {
    const route = `POST /register/${kind}`;
    const recorded = this.steps.filter(({ http, body: sent }) => http === route && sent.name === body.name);
    const nth = this.engine.registrations.filter((one) => one.kind === kind && one.body.name === body.name).length;
    const headers = { 'x-orra-planeengine-version': '0.2.5' };
    const answer = recorded[nth]?.answer;
    if (!answer)
      return { status: 404, headers, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
    return { status: answer.status, headers, contentType: answer.type ?? undefined, body: answer.body };
  }
}

function recordedKeys(steps: readonly Step[]): string[] {
  return steps.flatMap(({ http, answer }) => (http === 'POST /register/project' ? [answer?.body.apiKey] : []));
}

/** Raw parties around a whole engine: somebody with a key, and services that answer as they are told. */
import type { Engine } from '../../src';
import type { Json } from './json';
import { TestSocket } from './test-socket';

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly text: string;
  readonly headers: Headers;
}

export class EngineClient {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  static async of(engine: Engine, name = 'shop'): Promise<EngineClient> {
    return new EngineClient(engine.url, (await engine.createProject({ name })).apiKey);
  }

  async ask(method: string, target: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(this.url + target, {
      method,
      headers: { authorization: `Bearer ${this.key}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const { status, headers } = answer;
    return { status, headers, text, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null };
  }

  /** One task after the other. */
  async submit(...services: string[]): Promise<string> {
    const tasks = services.map((service, index) => ({
      id: `task${index + 1}`,
      service,
      input: { value: `$task${index}.value` },
    }));
    const action = { type: 'order', content: 'Ship the order' };
    const { body } = await this.ask('POST', '/orchestrations', {
      action,
      data: [{ field: 'value', value: 'v' }],
      plan: { tasks },
    });
    return body.id as string;
  }

  async inspect(id: string): Promise<Json> {
    return (await this.ask('GET', `/orchestrations/inspections/${id}`)).body;
  }
}

let sent = 0;

export class RawService {
  private constructor(
    readonly id: string,
    private readonly socket: TestSocket,
  ) {}

  static async connect(
    client: EngineClient,
    name: string,
    options: {
      readonly revertible?: boolean;
      readonly capabilities?: readonly string[];
      readonly id?: string;
      readonly schema?: object;
    } = {},
  ): Promise<RawService> {
    const spec = { type: 'object', properties: { value: { type: 'string' } } };
    const { body } = await client.ask('POST', '/register/service', {
      name,
      description: `does ${name}`,
      schema: { input: spec, output: spec },
      revertible: true,
      ...options,
    });
    const query = new URLSearchParams({ serviceId: body.id as string, apiKey: client.key }).toString();
    return new RawService(body.id as string, await TestSocket.open(`${client.url.replace('http', 'ws')}/ws?${query}`));
  }

  /** The next work that it is sent. */
  async work(): Promise<Json> {
    for (;;) {
      const [message] = await this.socket.next();
      if (message === undefined) throw new Error('the connection is closed');
      if (message.type === 'task_request' || message.type === 'compensation_request') return message;
    }
  }

  /** Resolves when it is acknowledged, so committed (E1). */
  async answer(request: Json, more: object): Promise<void> {
    const id = `m${++sent}`;
    this.socket.send({
      id,
      payload: {
        type: 'task_result',
        taskId: request.id,
        executionId: request.executionId,
        serviceId: this.id,
        idempotencyKey: request.idempotencyKey,
        error: null,
        ...more,
      },
    });
    await this.socket.acknowledged(id);
  }

  completes(request: Json, value: string): Promise<void> {
    const compensation = { data: { of: value }, ttl: 60_000 };
    return this.answer(request, { result: { task: { value }, compensation } });
  }

  fails(request: Json, error: string, failure?: object): Promise<void> {
    return this.answer(request, { result: null, error, ...(failure ? { failure } : {}) });
  }

  aborts(request: Json, payload: object): Promise<void> {
    return this.answer(request, { type: 'task_abort_result', result: { task: payload } });
  }

  updates(request: Json, data: object): Promise<void> {
    return this.answer(request, { type: 'task_interim_result', result: { task: data } });
  }

  reverts(request: Json, result: object = { status: 'completed' }): Promise<void> {
    return this.answer(request, { result });
  }

  close(): void {
    this.socket.close();
  }
}

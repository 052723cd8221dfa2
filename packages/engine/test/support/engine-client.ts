/** A client with the key of a project, and services, around a whole engine. */
import { FakeService, type FakeRequest, type FakeServiceOptions } from '@orra-ts/fakes';
import type { Engine } from '../../src';
import type { Json } from './json';

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

/** Registers and connects a service that sends nothing by itself: the test takes its requests and delivers outcomes. */
export function connectService(
  client: EngineClient,
  name: string,
  options: Partial<FakeServiceOptions> = {},
): Promise<FakeService> {
  const spec = { type: 'object', properties: { value: { type: 'string' } } };
  return FakeService.start({
    url: client.url,
    apiKey: client.key,
    name,
    description: `does ${name}`,
    schema: { input: spec, output: spec },
    revertible: true,
    onTask: () => undefined,
    onRevert: () => undefined,
    respondsToPings: false,
    ...options,
  });
}

/** Delivers an output with compensation data. Resolves when it is acknowledged. */
export function completeTask(service: FakeService, request: FakeRequest, value: string): Promise<void> {
  return service.deliver(request, { output: { value }, compensation: { data: { of: value }, ttl: 60_000 } });
}

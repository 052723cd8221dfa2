import { inspect } from 'node:util';
import { OrraError } from '@orra-ts/common';
import { FakeHttpEngine } from '@orra-ts/fakes';
import {
  type OrraClient,
  OrraClientError,
  OrraEngineError,
  OrraInvalidRequestError,
  OrraNotSupportedError,
  OrraUnauthorizedError,
  OrraUnexpectedResponseError,
  OrraUnknownOrchestrationError,
  OrraUnknownServiceError,
  createOrraClient,
} from '../src';
import { recorded, replay } from './recorded';

/** The key that the recorded responses contain. */
const KEY = 'sk-orra-v1-unknown';

let engine: FakeHttpEngine;
let orra: OrraClient;

beforeEach(async () => {
  engine = await FakeHttpEngine.start();
  orra = createOrraClient({ url: engine.url, apiKey: KEY });
});
afterEach(() => engine.close());

const failure = async (call: Promise<unknown>): Promise<OrraClientError> => {
  const thrown: unknown = await call.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(OrraError);
  return thrown as OrraClientError;
};

describe('recorded error responses of the Go engine', () => {
  type Case = [name: string, call: (client: OrraClient) => Promise<unknown>, type: unknown, code: string];
  const list = (client: OrraClient) => client.orchestrations.list();
  const submit = (client: OrraClient) => client.action('x').submit();
  const register = (client: OrraClient) => client.services.register({ name: 'abc' });
  const cases: Case[] = [
    ['no-key', list, OrraUnauthorizedError, 'ORRA_UNAUTHORIZED'],
    ['unknown-key', list, OrraUnauthorizedError, 'ORRA_UNAUTHORIZED'],
    ['submit-unknown-key', submit, OrraUnauthorizedError, 'ORRA_UNAUTHORIZED'],
    [
      'inspect-unknown',
      (client) => client.orchestrations.inspect('o_unknown'),
      OrraUnknownOrchestrationError,
      'ORRA_UNKNOWN_ORCHESTRATION',
    ],
    ['bad-duration', submit, OrraInvalidRequestError, 'ORRA_INVALID_REQUEST'],
    ['no-webhook', submit, OrraEngineError, 'ORRA_ENGINE_ERROR'],
    ['unknown-service-id', register, OrraUnknownServiceError, 'ORRA_UNKNOWN_SERVICE'],
    ['invalid-service', register, OrraInvalidRequestError, 'ORRA_INVALID_REQUEST'],
    ['fractional-minimum', register, OrraInvalidRequestError, 'ORRA_INVALID_REQUEST'],
  ];

  it.each(cases)('%s', async (name, call, type, code) => {
    const { answer, method, path } = replay(engine, name);
    const error = await failure(call(orra));
    expect(error).toBeInstanceOf(type);
    expect(error).toBeInstanceOf(OrraClientError);
    expect(error).toMatchObject({
      code,
      retryable: false,
      details: { status: answer.status, request: `${method} ${engine.url}${path}` },
    });
  });

  it.each(cases)('%s: neither the error nor its cause contains the key', async (name, call) => {
    replay(engine, name);
    expect(inspect(await failure(call(orra)), { depth: 10, showHidden: true })).not.toContain(KEY);
  });

  it('the key is also removed from other messages', async () => {
    for (const body of [{ error: { message: `bad key ${KEY}!` } }, `bad key ${KEY}!`]) {
      engine.script('GET', '/orchestrations', { status: 500, body });
      const error = await failure(orra.orchestrations.list());
      expect(error.message).toContain('bad key <API key>!');
      expect(inspect(error, { depth: 10 })).not.toContain(KEY);
    }
  });

  it('contains the message of the engine', async () => {
    replay(engine, 'no-webhook');
    const error = await failure(orra.action('x').submit());
    expect(error.message).toContain('at least one webhook url is required');
    expect(error.details).toMatchObject({ engineCode: 'Orra:ActionCannotExecute', kind: 'unanticipated error' });
  });
});

describe('other servers, and engines of another version', () => {
  it('a route that this engine does not have is ORRA_NOT_SUPPORTED', async () => {
    engine.script('PUT', '/plans/order', recorded('no-such-route').answer);
    const error = await failure(orra.plans.register({ name: 'order', action: 'x', input: {}, plan: { tasks: [] } }));
    expect(error).toBeInstanceOf(OrraNotSupportedError);
    expect(error.message).toContain('PUT');
  });

  it('a redirect is reported, not followed', async () => {
    engine.script('GET', '/orchestrations', recorded('redirect').answer);
    const error = await failure(orra.orchestrations.list());
    expect(error).toBeInstanceOf(OrraUnexpectedResponseError);
    expect(error.message).toContain('redirected to /orchestrations');
    expect(engine.received).toHaveLength(1);
  });

  it.each([
    ['a page', '<html></html>'],
    ['a list', []],
    ['nothing', undefined],
  ])('%s instead of an object is ORRA_UNEXPECTED_RESPONSE', async (_, body) => {
    engine.script('GET', '/orchestrations', { status: 200, body });
    expect(await failure(orra.orchestrations.list())).toBeInstanceOf(OrraUnexpectedResponseError);
    engine.script('POST', '/register/project', { status: 201, body });
    expect(await failure(orra.projects.register({ name: 'shop' }))).toBeInstanceOf(OrraUnexpectedResponseError);
  });

  it('a submission response without an id is ORRA_UNEXPECTED_RESPONSE', async () => {
    engine.script('POST', '/orchestrations', { status: 202, body: { status: 'pending' } });
    expect((await failure(orra.action('x').submit())).message).toContain('id and status');
  });

  it('statuses of proxies and of an overloaded engine are retryable', async () => {
    for (const status of [429, 502, 503, 504]) {
      engine.script('GET', '/orchestrations', { status });
      expect(await failure(orra.orchestrations.list())).toMatchObject({ code: 'ORRA_ENGINE_ERROR', retryable: true });
    }
    engine.script('GET', '/orchestrations', { status: 500 });
    expect(await failure(orra.orchestrations.list())).toMatchObject({ code: 'ORRA_ENGINE_ERROR', retryable: false });
  });

  it('an error of a stopping engine is retryable, unless the engine has stored the submission', async () => {
    const body = { error: { code: 'Orra:PlanEngineShuttingDown', message: 'stopping' } };
    engine.script('POST', '/orchestrations', { status: 503, body, headers: { 'retry-after': '1' } });
    expect(await failure(orra.action('x').submit())).toMatchObject({ code: 'ORRA_ENGINE_ERROR', retryable: true });
    engine.script('POST', '/orchestrations', { status: 503, body });
    expect(await failure(orra.action('x').submit())).toMatchObject({ code: 'ORRA_ENGINE_ERROR', retryable: false });
  });

  it('an engine that is down is ORRA_UNREACHABLE, without the key', async () => {
    await engine.close();
    const error = await failure(orra.orchestrations.list());
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE', retryable: true });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(KEY);
    engine = await FakeHttpEngine.start();
  });
});

describe('projects, services, plans, health', () => {
  it('a project is registered without a key', async () => {
    const { answer } = replay(engine, 'register-project');
    const keyless = createOrraClient({ url: engine.url, apiKey: '' });
    await expect(
      keyless.projects.register({ name: 'http-errors', webhooks: ['http://localhost:8888/hook'] }),
    ).resolves.toEqual(answer.body);
    expect(engine.received[0]?.headers.authorization).toBeUndefined();
    expect(engine.received[0]?.body).toEqual({ name: 'http-errors', webhooks: ['http://localhost:8888/hook'] });
  });

  it('services and agents are registered on their routes', async () => {
    const { answer, body } = replay(engine, 'register-service');
    await expect(orra.services.register(body as object)).resolves.toEqual(answer.body);
    engine.script('POST', '/register/agent', answer);
    await orra.services.register(body as object, 'agent');
    expect(engine.received.map(({ path, body: sent }) => [path, sent])).toEqual([
      ['/register/service', body],
      ['/register/agent', body],
    ]);
  });

  it('a plan is sent unchanged', async () => {
    engine.script('PUT', '/plans/order', { status: 200, body: {} });
    const plan = { name: 'order', action: 'Process order', input: {}, plan: { tasks: [] } };
    await orra.plans.register(plan);
    expect(engine.received[0]).toMatchObject({ path: '/plans/order', body: plan });
  });

  it('health needs no key and returns the version', async () => {
    replay(engine, 'health');
    await expect(createOrraClient({ url: engine.url, apiKey: '' }).health()).resolves.toEqual({
      status: 'ok',
      version: '0.2.5',
    });
  });
});

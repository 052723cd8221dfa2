/** All routes except orchestrations, with recorded responses of the Go engine, and scripted ones for additional routes. */
import { FakeHttpEngine } from '@orra-ts/fakes';
import type { CompensationFailureView, GroundingBody, GroundingView, OrchestrationInspection } from '@orra-ts/protocol';
import {
  type OrraClient,
  OrraGroundingExistsError,
  OrraInvalidRequestError,
  OrraNotSupportedError,
  OrraUnauthorizedError,
  OrraUnknownCompensationFailureError,
  OrraUnknownGroundingError,
  OrraUnknownOrchestrationError,
  OrraUnknownPlanError,
  createOrraClient,
} from '../src';
import { recorded, replay } from './recorded';

let engine: FakeHttpEngine;
let orra: OrraClient;

beforeEach(async () => {
  engine = await FakeHttpEngine.start();
  orra = createOrraClient({ url: engine.url, apiKey: 'sk-orra-v1-1' });
});
afterEach(() => engine.close());

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
const requests = (): unknown[] => engine.received.map(({ method, path, body }) => [method, path, body]);
const ours = (method: string, path: string, status: number, body: unknown): void =>
  engine.script(method, path, { status, headers: { 'content-type': 'application/json' }, body });

describe('keys and webhooks', () => {
  it('a key is created without a body', async () => {
    const { answer } = replay(engine, 'key-create');
    await expect(orra.keys.create()).resolves.toEqual(answer.body);
    expect(requests()).toEqual([['POST', '/apikeys', undefined]]);
  });

  it('each kind of webhook is added on its route', async () => {
    replay(engine, 'webhook-add');
    replay(engine, 'failure-webhook');
    await expect(orra.webhooks.add('http://localhost:8888/hook')).resolves.toEqual({
      url: 'http://localhost:8888/hook',
    });
    await expect(orra.compensationFailures.webhooks.add('http://localhost:8888/comp')).resolves.toEqual({
      url: 'http://localhost:8888/comp',
    });
    expect(requests()).toEqual([
      ['POST', '/webhooks', { url: 'http://localhost:8888/hook' }],
      ['POST', '/compensation-failure-webhooks', { url: 'http://localhost:8888/comp' }],
    ]);
  });

  it('the signing secret of the engine is returned', async () => {
    ours('POST', '/webhooks', 201, { url: 'https://shop.example/hook', secret: 'whsec_eA==' });
    await expect(orra.webhooks.add('https://shop.example/hook')).resolves.toEqual({
      url: 'https://shop.example/hook',
      secret: 'whsec_eA==',
    });
  });

  it('a webhook that the engine rejects is an invalid request with its message', async () => {
    ours('POST', '/webhooks', 400, { error: { kind: 'input validation error', param: 'url', message: 'invalid URI' } });
    const error = await thrownBy(orra.webhooks.add('nope'));
    expect(error).toBeInstanceOf(OrraInvalidRequestError);
    expect(error).toMatchObject({ code: 'ORRA_INVALID_REQUEST', details: { param: 'url' } });
    expect(String(error)).toContain('invalid URI');
  });

  it('a project accepts additional keys', async () => {
    replay(engine, 'register-project');
    await orra.projects.register({ name: 'http-errors', additionalAPIKeys: ['mine'] });
    expect(engine.received[0]?.body).toEqual({ name: 'http-errors', additionalAPIKeys: ['mine'] });
  });
});

describe('settings of the project', () => {
  it('are read and changed', async () => {
    ours('GET', '/settings', 200, { groundings: 'guide' });
    ours('PUT', '/settings', 200, { groundings: 'strict' });
    await expect(orra.project.settings()).resolves.toEqual({ groundings: 'guide' });
    await expect(orra.project.configure({ groundings: 'strict' })).resolves.toEqual({ groundings: 'strict' });
    expect(requests()).toEqual([
      ['GET', '/settings', undefined],
      ['PUT', '/settings', { groundings: 'strict' }],
    ]);
  });

  it('can be given to a new project', async () => {
    replay(engine, 'register-project');
    await orra.projects.register({ name: 'http-errors', settings: { groundings: 'strict' } });
    expect(engine.received[0]?.body).toEqual({ name: 'http-errors', settings: { groundings: 'strict' } });
  });

  it('that the engine rejects are named', async () => {
    const error = { kind: 'input validation error', param: 'groundings', message: '/groundings: Expected union value' };
    ours('PUT', '/settings', 400, { error });
    await expect(orra.project.configure({ groundings: 'lax' as 'strict' })).rejects.toMatchObject({
      code: 'ORRA_INVALID_REQUEST',
      details: { param: 'groundings' },
    });
  });

  it('are not supported by the Go engine', async () => {
    const { answer } = recorded('no-such-route');
    engine.script('GET', '/settings', answer);
    engine.script('PUT', '/settings', answer);
    await expect(orra.project.settings()).rejects.toBeInstanceOf(OrraNotSupportedError);
    await expect(orra.project.configure({})).rejects.toMatchObject({ code: 'ORRA_NOT_SUPPORTED' });
  });
});

describe('services and plans', () => {
  it('are listed as the engine returns them', async () => {
    ours('GET', '/services', 200, [{ id: 's_a', name: 'stock', connections: 2 }]);
    ours('GET', '/plans', 200, [{ name: 'order', action: 'Process order', version: 1 }]);
    await expect(orra.services.list()).resolves.toEqual([{ id: 's_a', name: 'stock', connections: 2 }]);
    await expect(orra.plans.list()).resolves.toEqual([{ name: 'order', action: 'Process order', version: 1 }]);
  });

  it('a plan is read with its versions and removed; an unknown one has its own error', async () => {
    ours('GET', '/plans/order', 200, { name: 'order', action: 'x', version: 2, versions: [{ version: 2 }] });
    ours('GET', '/plans/order?before=2', 200, { name: 'order', action: 'x', version: 2, versions: [] });
    ours('DELETE', '/plans/order', 204, '');
    await expect(orra.plans.get('order')).resolves.toMatchObject({ version: 2, versions: [{ version: 2 }] });
    await expect(orra.plans.get('order', { before: 2 })).resolves.toMatchObject({ versions: [] });
    await expect(orra.plans.remove('order')).resolves.toBeUndefined();
    const error = { kind: 'item does not exist', code: 'Orra:UnknownPlan', message: 'unknown plan: nobody' };
    ours('DELETE', '/plans/nobody', 400, { error });
    const thrown = await thrownBy(orra.plans.remove('nobody'));
    expect(thrown).toBeInstanceOf(OrraUnknownPlanError);
    expect(thrown).toMatchObject({ code: 'ORRA_UNKNOWN_PLAN', details: { engineCode: 'Orra:UnknownPlan' } });
    await expect(orra.plans.remove('')).rejects.toMatchObject({ code: 'ORRA_INVALID_REQUEST' });
  });

  it('each problem of a plan is reported', async () => {
    const problems = [{ taskId: 'task1', field: 'input.x', message: 'no' }, { message: 'whole' }, { field: 1 }, 'x'];
    const error = { kind: 'input validation error', message: 'it cannot be registered', problems };
    ours('PUT', '/plans/order', 400, { error });
    const plan = { name: 'order', action: 'x', input: {}, plan: { tasks: [] } };
    expect(await thrownBy(orra.plans.register(plan))).toMatchObject({
      code: 'ORRA_INVALID_REQUEST',
      details: { problems: [{ taskId: 'task1', field: 'input.x', message: 'no' }, { message: 'whole' }] },
    });
  });

  it('are not supported by the Go engine', async () => {
    const { answer } = recorded('no-such-route');
    engine.script('GET', '/services', answer);
    engine.script('GET', '/plans', answer);
    await expect(orra.services.list()).rejects.toBeInstanceOf(OrraNotSupportedError);
    await expect(orra.plans.list()).rejects.toMatchObject({ code: 'ORRA_NOT_SUPPORTED' });
  });

  it.each([
    ['an object', {}],
    ['a list of others', [{ name: 1 }]],
    ['a string', 'hello'],
  ])('%s instead of a list is ORRA_UNEXPECTED_RESPONSE', async (_, body) => {
    ours('GET', '/services', 200, body);
    await expect(orra.services.list()).rejects.toMatchObject({ code: 'ORRA_UNEXPECTED_RESPONSE' });
  });
});

describe('groundings', () => {
  it('are applied as the CLI applies them', async () => {
    const { body, answer } = replay(engine, 'grounding-apply');
    await expect(orra.groundings.apply(body as GroundingBody)).resolves.toEqual(answer.body);
    expect(requests()).toEqual([['POST', '/groundings', body]]);
  });

  it('have empty lists where the Go engine sends null', async () => {
    const { body, answer } = replay(engine, 'grounding-without-constraints');
    expect((answer.body as GroundingView).constraints).toBeNull();
    await expect(orra.groundings.apply(body as GroundingBody)).resolves.toMatchObject({ constraints: [] });
    ours('GET', '/groundings', 200, [answer.body]);
    await expect(orra.groundings.list()).resolves.toMatchObject([{ name: 'a-first', constraints: [] }]);
  });

  it('are listed; none is an empty list', async () => {
    const { answer } = replay(engine, 'groundings-list');
    await expect(orra.groundings.list()).resolves.toEqual(answer.body);
    replay(engine, 'groundings-list-empty');
    await expect(orra.groundings.list()).resolves.toEqual([]);
  });

  it('a known version is an error that suggests a new one', async () => {
    const { body } = replay(engine, 'grounding-same-version');
    const error = await thrownBy(orra.groundings.apply(body as GroundingBody));
    expect(error).toBeInstanceOf(OrraGroundingExistsError);
    expect(error).toMatchObject({ code: 'ORRA_GROUNDING_EXISTS', details: { param: 'version', status: 400 } });
    expect(String(error)).toMatch(/already has .*new version/);
  });

  it('an invalid member is named', async () => {
    const { body } = replay(engine, 'grounding-bad-name');
    await expect(orra.groundings.apply(body as GroundingBody)).rejects.toMatchObject({
      code: 'ORRA_INVALID_REQUEST',
      details: { param: 'name' },
    });
  });

  it('are removed one by one, or all', async () => {
    replay(engine, 'grounding-remove');
    replay(engine, 'groundings-remove-all');
    await expect(orra.groundings.remove('a-first')).resolves.toBeUndefined();
    await expect(orra.groundings.removeAll()).resolves.toBeUndefined();
    expect(requests()).toEqual([
      ['DELETE', '/groundings/a-first', undefined],
      ['DELETE', '/groundings', undefined],
    ]);
  });

  it('an unknown one is ORRA_UNKNOWN_GROUNDING with both engines', async () => {
    replay(engine, 'grounding-remove-unknown');
    ours('DELETE', '/groundings/nope', 400, { error: { kind: 'item does not exist', message: 'no such grounding' } });
    for (const name of ['order-use-cases', 'nope']) {
      const error = await thrownBy(orra.groundings.remove(name));
      expect(error).toBeInstanceOf(OrraUnknownGroundingError);
      expect(error).toMatchObject({ code: 'ORRA_UNKNOWN_GROUNDING' });
    }
  });

  it('an empty name does not remove all of them', async () => {
    await expect(orra.groundings.remove('')).rejects.toMatchObject({ code: 'ORRA_INVALID_REQUEST' });
    expect(engine.received).toEqual([]);
  });
});

describe('failed compensations', () => {
  it('are listed; none is an empty list', async () => {
    const { answer } = replay(engine, 'failures-list');
    const failures = await orra.compensationFailures.list();
    expect(failures).toEqual(answer.body);
    expect(failures).toHaveLength(3);
    replay(engine, 'failures-list-empty');
    await expect(orra.compensationFailures.list()).resolves.toEqual([]);
  });

  it('are inspected, resolved and ignored as the CLI does it', async () => {
    const names = ['failure-inspect', 'failure-resolve', 'failure-ignore'];
    const [inspected, resolved, ignored] = names.map((name) => replay(engine, name));
    const idOf = (exchange = inspected): string => (exchange?.answer.body as CompensationFailureView).id;
    const api = orra.compensationFailures;
    await expect(api.inspect(idOf())).resolves.toEqual(inspected?.answer.body);
    await expect(api.resolve(idOf(resolved), 'released by hand')).resolves.toEqual(resolved?.answer.body);
    await expect(api.ignore(idOf(ignored), 'test order')).resolves.toMatchObject({ resolutionState: 'ignored' });
    expect(requests()).toEqual(names.map(recorded).map(({ method, path, body }) => [method, path, body]));
  });

  it('are listed by kind and resolution, also on an engine that ignores the query', async () => {
    const { answer } = recorded('failure-inspect');
    const record = answer.body as CompensationFailureView;
    const [partial, resolved] = [
      { ...record, id: 'c_1', status: 'partial' },
      { ...record, id: 'c_2', resolutionState: 'resolved' },
    ];
    const body = [record, partial, resolved];
    for (const query of ['kind=partial', 'resolution=resolved', 'kind=failed&resolution=pending']) {
      engine.script('GET', `/compensation-failures?${query}`, { status: 200, body });
    }
    const { compensationFailures: api } = orra;
    await expect(api.list({ kind: 'partial' })).resolves.toEqual([partial]);
    await expect(api.list({ resolutionState: 'resolved' })).resolves.toEqual([resolved]);
    await expect(api.list({ kind: 'failed', resolutionState: 'pending' })).resolves.toEqual([record]);
  });

  it('are retried on engines that support it', async () => {
    const { answer } = recorded('failure-inspect');
    const { id } = answer.body as CompensationFailureView;
    engine.script('POST', `/compensation-failures/${id}/retry`, answer);
    await expect(orra.compensationFailures.retry(id)).resolves.toMatchObject({ id, resolutionState: 'pending' });
    await expect(orra.compensationFailures.retry('c_other')).rejects.toBeInstanceOf(OrraNotSupportedError);
  });

  it('an unknown id is ORRA_UNKNOWN_COMPENSATION_FAILURE for every call', async () => {
    const { answer } = replay(engine, 'failure-unknown');
    for (const action of ['resolve', 'ignore', 'retry']) {
      engine.script('POST', `/compensation-failures/c_nope/${action}`, answer);
    }
    const api = orra.compensationFailures;
    const calls = [api.inspect('c_nope'), api.resolve('c_nope', 'x'), api.ignore('c_nope', 'x'), api.retry('c_nope')];
    for (const call of calls) {
      const error = await thrownBy(call);
      expect(error).toBeInstanceOf(OrraUnknownCompensationFailureError);
      expect(error).toMatchObject({ code: 'ORRA_UNKNOWN_COMPENSATION_FAILURE', details: { status: 400 } });
      expect(String(error)).toContain('compensationFailures.list()');
    }
  });

  it('one of another project is rejected with an empty 403; the error names both causes', async () => {
    engine.script('GET', '/compensation-failures/c_other', { status: 403 });
    const error = await thrownBy(orra.compensationFailures.inspect('c_other'));
    expect(error).toBeInstanceOf(OrraUnauthorizedError);
    expect(String(error)).toMatch(/API key .*another project/);
  });
});

describe('cancel and read tokens', () => {
  const unknown = { error: { kind: 'item does not exist', message: 'unknown orchestration: o_x' } };

  it('cancel sends the reason and returns the inspection', async () => {
    const { answer } = recorded('inspect-cancelled');
    const { id } = answer.body as OrchestrationInspection;
    engine.script('POST', `/orchestrations/${id}/cancel`, answer);
    await expect(orra.orchestrations.cancel(id, { reason: 'changed my mind' })).resolves.toEqual(answer.body);
    await orra.orchestrations.cancel(id);
    expect(engine.received.map(({ body }) => body)).toEqual([{ reason: 'changed my mind' }, {}]);
  });

  it('a handle cancels its own orchestration', async () => {
    const { id } = replay(engine, 'submit').answer.body as OrchestrationInspection;
    engine.script('POST', `/orchestrations/${id}/cancel`, recorded('inspect-cancelled').answer);
    const order = await orra.action('Say hello through echo').with({ message: 'hello' }).submit();
    await expect(order.cancel({ reason: 'late' })).resolves.toMatchObject({ status: 'cancelled' });
    expect(engine.received[1]).toMatchObject({ path: `/orchestrations/${id}/cancel`, body: { reason: 'late' } });
  });

  it('a read token has an expiry', async () => {
    const token = { token: 'rt_1', expiresAt: '2026-11-22T10:00:00Z' };
    ours('POST', '/orchestrations/o_1/tokens', 201, token);
    await expect(orra.orchestrations.createReadToken('o_1')).resolves.toEqual(token);
  });

  it('unknown orchestrations, and an engine without these routes, have different errors', async () => {
    ours('POST', '/orchestrations/o_x/cancel', 400, unknown);
    ours('POST', '/orchestrations/o_x/tokens', 400, unknown);
    await expect(orra.orchestrations.cancel('o_x')).rejects.toBeInstanceOf(OrraUnknownOrchestrationError);
    await expect(orra.orchestrations.createReadToken('o_x')).rejects.toBeInstanceOf(OrraUnknownOrchestrationError);
    await expect(orra.orchestrations.cancel('o_1')).rejects.toBeInstanceOf(OrraNotSupportedError);
    await expect(orra.orchestrations.createReadToken('o_1')).rejects.toBeInstanceOf(OrraNotSupportedError);
  });

  it('an empty id is rejected before a request', async () => {
    await expect(orra.orchestrations.cancel('')).rejects.toMatchObject({ code: 'ORRA_INVALID_REQUEST' });
    expect(engine.received).toEqual([]);
  });
});

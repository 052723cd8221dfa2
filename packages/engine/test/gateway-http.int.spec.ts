/** The HTTP routes of a whole engine, against what the public engine answered to the same requests. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import type { Engine } from '../src';
import { items, type Json } from './support/json';
import { withEngine } from './support/with-engine';

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly auth: string | null;
  readonly body?: unknown;
  readonly status: number;
  readonly headers: Record<string, string>;
  /** null: no body. */
  readonly answer: Json;
}

const recorded = JSON.parse(readFileSync(path.join(__dirname, 'fixtures/recorded-rules.json'), 'utf8')) as {
  httpErrors: Exchange[];
};

const MAX_BODY = 64 * 1024;
let engine: Engine;
let key: string;
beforeAll(async () => {
  const running = await withEngine({ maxBodyBytes: MAX_BODY, lifetime: 'file' });
  engine = running.engine;
  key = running.client.key;
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly body: Json;
}

/** Without anything that `fetch` would tidy up. */
function ask(method: string, target: string, options: { auth?: string | null; body?: unknown } = {}): Promise<Answer> {
  const { auth = `Bearer ${key}`, body } = options;
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      engine.url,
      {
        method,
        path: target,
        headers: {
          ...(auth === null ? {} : { authorization: auth }),
          ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        let received = '';
        response.on('data', (chunk: Buffer) => (received += chunk.toString()));
        response.on('end', () => {
          let decoded: unknown;
          try {
            decoded = JSON.parse(received);
          } catch {
            decoded = undefined;
          }
          const headers = response.headers as Record<string, string>;
          resolve({ status: response.statusCode ?? 0, headers, text: received, body: decoded });
        });
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

/** Where ours differs on purpose, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'POST /orchestrations {"action":{"content":"x"}}': 'no webhook is needed, and what nobody can plan is not actionable',
  'POST /register/service minimum': 'fractional bounds are taken',
};

function difference({ method, path: target, body }: Exchange): string | undefined {
  const text = JSON.stringify(body ?? null);
  if (text.includes('"minimum":0.5')) return DIFFERENT['POST /register/service minimum'];
  return DIFFERENT[`${method} ${target} ${text}`];
}

describe('answers of the original (http-errors)', () => {
  const cases = recorded.httpErrors
    .filter((exchange) => difference(exchange) === undefined)
    .map((exchange): [string, Exchange] => [
      `${exchange.method} ${exchange.path} ${JSON.stringify(exchange.body ?? '')} is a ${exchange.status}`,
      exchange,
    ]);

  test('are compared here, but for those that differ on purpose', () => {
    expect(cases).toHaveLength(21);
  });

  test.each(cases)('%s', async (_, exchange) => {
    const auth = exchange.auth?.replace('$KEY', key) ?? null;
    const answer = await ask(exchange.method, exchange.path, { auth, body: exchange.body });
    expect(answer.status).toBe(exchange.status);
    for (const header of ['x-orra-planeengine-version', 'x-content-type-options', 'location']) {
      expect([header, answer.headers[header]]).toEqual([header, exchange.headers[header]]);
    }
    // A list without members is a body, the text null.
    if (exchange.answer === null) expect(answer.text).toBe(exchange.headers['content-type'] ? 'null' : '');
    else if (typeof exchange.answer === 'string') expect(answer.text).toBe(exchange.answer);
    else if (exchange.status >= 400) {
      expect(shapeOfError(answer.body)).toEqual(shapeOfError(exchange.answer));
    } else {
      // Beyond the original: what webhook messages are signed with.
      const members = Object.keys(answer.body).filter((member) => member !== 'secret');
      expect(members.sort()).toEqual(Object.keys(exchange.answer).sort());
    }
    if (exchange.answer !== null && typeof exchange.answer !== 'string') {
      expect(answer.headers['content-type']).toBe('application/json');
    }
  });

  /** Kind, code and the members' names; the text only where clients match on it. */
  function shapeOfError({ error }: Json): unknown {
    const { message, ...rest } = error;
    const matched = ['service with key', 'unknown orchestration', 'time: invalid duration'];
    return { ...rest, message: matched.some((start) => String(message).startsWith(start)) ? message : typeof message };
  }
});

describe('authentication', () => {
  test('an unknown key is not echoed', async () => {
    for (const method of ['GET', 'POST']) {
      const { text } = await ask(method, '/orchestrations', { auth: 'Bearer sk-orra-v1-secret' });
      expect(text).toContain('no project found with the given API key');
      expect(text).not.toContain('secret');
    }
  });

  test.each(['bearer K', 'Bearer  K', 'Bearer K x', 'Bearer', 'K'])(
    'the header "%s" is a 403 without a body',
    async (form) => {
      const { status, text } = await ask('GET', '/orchestrations', { auth: form.replace('K', key) });
      expect([status, text]).toEqual([403, '']);
    },
  );

  test('comes before the body is read', async () => {
    const { status } = await ask('POST', '/register/service', { auth: null, body: '{' });
    expect(status).toBe(403);
  });

  test('a further key has the power of the first; projects do not see each other', async () => {
    const { status, body } = await ask('POST', '/apikeys');
    expect([status, body.apiKey]).toEqual([201, expect.stringMatching(/^sk-orra-v1-[0-9a-f]{64}$/)]);
    expect((await ask('GET', '/orchestrations', { auth: `Bearer ${body.apiKey}` })).status).toBe(200);
    await ask('POST', '/register/service', { body: echo('mine-alone') });
    const other = await engine.createProject({ name: 'other' });
    expect((await ask('GET', '/services', { auth: `Bearer ${other.apiKey}` })).body).toEqual([]);
  });
});

describe('the router', () => {
  test('HEAD is a method like Json other: 405 on a known path, 404 elsewhere', async () => {
    expect((await ask('HEAD', '/health')).status).toBe(405);
    expect((await ask('HEAD', '/nope')).status).toBe(404);
  });

  test('a trailing slash is another path', async () => {
    expect((await ask('GET', '/health/')).status).toBe(404);
    expect((await ask('GET', '/orchestrations/inspections/')).status).toBe(404);
  });

  test('a doubled slash is redirected with its query', async () => {
    const { status, headers } = await ask('GET', '//orchestrations//inspections/o_1?a=b');
    expect([status, headers['location']]).toEqual([301, '/orchestrations/inspections/o_1?a=b']);
  });

  test('no route has an Allow header or a version on 405 and 404', async () => {
    for (const { headers } of [await ask('DELETE', '/health'), await ask('GET', '/nope')]) {
      expect(headers).not.toHaveProperty('allow');
      expect(headers).not.toHaveProperty('x-orra-planeengine-version');
    }
  });
});

const spec = (name: string): object => ({ type: 'object', properties: { [name]: { type: 'string' } } });
const echo = (name: string, more: object = {}): object => ({
  name,
  description: 'echoes',
  schema: { input: spec('message'), output: spec('message') },
  ...more,
});

describe('registration', () => {
  test('of a project takes an empty object, null and members in Json letter case; nothing at all is EOF', async () => {
    for (const body of ['{}', 'null', '{"NAME":"shop"} trailing']) {
      const { status, body: project } = await ask('POST', '/register/project', { auth: null, body });
      expect(status).toBe(201);
      expect(project.id).toMatch(/^p_[2-9A-HJ-NP-Za-km-z]{22}$/);
    }
    const { status, body } = await ask('POST', '/register/project', { auth: null });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: { kind: 'invalid request error', code: 'Orra:JSONMarshalingFail', message: 'EOF' },
    });
  });

  test('of a project takes further keys, and one that is in use stays with its project', async () => {
    const key = 'plain-key-of-more-than-32-characters';
    const body = { name: 'plain', additionalAPIKeys: [key] };
    const first = await ask('POST', '/register/project', { auth: null, body });
    expect([first.status, first.body.additionalAPIKeys]).toEqual([201, [key]]);
    expect((await ask('GET', '/orchestrations', { auth: `Bearer ${key}` })).status).toBe(200);
    await ask('PUT', '/settings', { auth: `Bearer ${key}`, body: { groundings: 'strict' } });
    const second = await ask('POST', '/register/project', { auth: null, body });
    // The same response, so that nobody learns which keys exist.
    expect([second.status, second.body.additionalAPIKeys]).toEqual([201, [key]]);
    const settings = async (auth: string) =>
      (await ask('GET', '/settings', { auth: `Bearer ${auth}` })).body.groundings;
    expect([await settings(key), await settings(second.body.apiKey as string)]).toEqual(['strict', 'guide']);
  });

  test('of a service answers as the original, and again with its id as the next version', async () => {
    const { status, body } = await ask('POST', '/register/service', { body: echo('stock', { id: null }) });
    expect([status, body]).toEqual([
      200,
      {
        id: expect.stringMatching(/^s_[a-z]{28}$/),
        name: 'stock',
        revertible: false,
        status: 'registered',
        version: 1,
      },
    ]);
    const again = await ask('POST', '/register/agent', { body: echo('stock', { id: body.id, revertible: true }) });
    expect(again.body).toEqual({ ...body, revertible: true, version: 2 });
    const listed = items((await ask('GET', '/services')).body).find(({ id }) => id === body.id);
    expect(listed).toMatchObject({ name: 'stock', type: 'agent', version: 2, revertible: true, connections: 0 });
  });

  test('tells what we can do beyond the protocol to those who say what they can', async () => {
    const { body } = await ask('POST', '/register/service', { body: echo('capable', { capabilities: ['task-meta'] }) });
    expect(body.capabilities).toMatchObject({ version: 1, headerAuth: true, plans: true, pingIntervalMs: 54_000 });
  });

  test('names every problem of a service, with the original’s status', async () => {
    const { status, body } = await ask('POST', '/register/service', { body: { name: 'A_b', description: '' } });
    expect(status).toBe(500);
    expect(body.error.message).toMatch(
      /^service validation error: name: INVALID\(.+\), description: INVALID\(.+\), schema\./,
    );
  });

  test('takes what the original refuses for its fractional bound', async () => {
    const schema = {
      input: { type: 'object', properties: { x: { type: 'number', minimum: 0.5 } } },
      output: spec('b'),
    };
    expect((await ask('POST', '/register/service', { body: echo('fraction', { schema }) })).status).toBe(200);
  });
});

describe('bodies', () => {
  test.each([
    ['announced', { 'content-length': String(MAX_BODY + 1) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('over the limit are a 413 that names it: %s', async (_, headers) => {
    const answer = await new Promise<{ status?: number; text: string }>((resolve, reject) => {
      const sent = request(`${engine.url}/register/project`, { method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode, text }));
      });
      sent.on('error', reject);
      sent.end(Buffer.alloc(MAX_BODY + 1, 'x'));
    });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain(`larger than ${MAX_BODY} bytes`);
  });

  test('in chunks are read', async () => {
    const { status } = await fetch(`${engine.url}/register/project`, {
      method: 'POST',
      body: new Blob(['{"name":"chunks"}']).stream(),
      duplex: 'half',
    });
    expect(status).toBe(201);
  });
});

describe('plans', () => {
  const plan = {
    name: 'echo-plan',
    action: 'Echo {message}',
    input: spec('message'),
    plan: { tasks: [{ id: 'task1', service: 'capable', input: { message: '$task0.message' } }] },
  };

  test('are registered and listed; the same content makes no new version', async () => {
    const { status, body } = await ask('PUT', '/plans/echo-plan', { body: plan });
    expect([status, body]).toEqual([200, { ...plan, version: 1, createdAt: expect.stringContaining('T') }]);
    expect((await ask('PUT', '/plans/echo-plan', { body: plan })).body.version).toBe(1);
    expect((await ask('PUT', '/plans/echo-plan', { body: { ...plan, action: 'Say {message}' } })).body.version).toBe(2);
    expect((await ask('GET', '/plans')).body).toEqual([expect.objectContaining({ name: 'echo-plan', version: 2 })]);
  });

  test.each([
    ['no JSON', '{', undefined],
    ['a missing member', { ...plan, action: undefined }, 'action'],
    ['an illegal name', { ...plan, name: 'Echo plan' }, 'name'],
    ["another name than the path's", { ...plan, name: 'another' }, 'name'],
    ['a cycle', { ...plan, plan: { tasks: [{ id: 'task1', service: 'a', input: { a: '$task1.b' } }] } }, 'plan'],
  ])('with %s are refused with the place named', async (_, body, param) => {
    const answer = await ask('PUT', `/plans/${param === 'name' ? encodeURIComponent('Echo plan') : 'echo-plan'}`, {
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ kind: 'input validation error', ...(param ? { param } : {}) });
  });
});

describe('submissions', () => {
  test('that nobody can plan are not actionable, and are listed and inspected as such', async () => {
    const { status, body } = await ask('POST', '/orchestrations', { body: { action: { content: 'Fly to the moon' } } });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ kind: 'invalid request error', code: 'Orra:ActionNotActionable' });
    expect(body.error.message).toMatch(/^preparation failed with status not_actionable: /);
    const [listed] = (await ask('GET', '/orchestrations')).body.notActionable;
    expect(listed).toMatchObject({ action: 'Fly to the moon', status: 'not_actionable' });
    const inspection = (await ask('GET', `/orchestrations/inspections/${listed.id}`)).body;
    expect(inspection).toMatchObject({ id: listed.id, status: 'not_actionable', duration: expect.any(Number) });
    const other = await engine.createProject({ name: 'stranger' });
    const hidden = await ask('GET', `/orchestrations/inspections/${listed.id}`, { auth: `Bearer ${other.apiKey}` });
    expect([hidden.status, hidden.body.error.code]).toEqual([400, 'Orra:UnknownOrchestration']);
  });

  test('with an explicit plan that cannot run are a 400 that says why', async () => {
    const plan = { tasks: [{ id: 'task1', service: 'nobody', input: {} }] };
    const { status, body } = await ask('POST', '/orchestrations', { body: { action: { content: 'x' }, plan } });
    expect([status, body.error.code]).toEqual([400, 'Orra:ActionCannotExecute']);
    expect(body.error.message).toContain('nobody');
  });

  test('with a field twice are a 400', async () => {
    const data = [{ field: 'a' }, { field: 'a' }];
    const { status, body } = await ask('POST', '/orchestrations', { body: { action: { content: 'x' }, data } });
    expect([status, body.error.message]).toEqual([400, expect.stringContaining('"a" occurs twice')]);
  });

  test.each(['/orchestrations', '/plans'])(
    'to %s with an action longer than is read are a 400 that says so',
    async (path) => {
      const post = (content: string): ReturnType<typeof ask> => ask('POST', path, { body: { action: { content } } });
      const { status, body } = await post('a'.repeat(10_001));
      expect([status, body.error.message]).toEqual([
        400,
        'action: has 10001 characters, the maximum is 10000; submit long strings as data',
      ]);
      const allowed = await post('a'.repeat(10_000));
      expect(JSON.stringify(allowed.body)).not.toContain('characters');
    },
  );
});

test('/openapi.json describes every route with schemas that resolve', async () => {
  const { status, text, body } = await ask('GET', '/openapi.json', { auth: null });
  expect(status).toBe(200);
  const paths = body.paths as Record<string, Record<string, object>>;
  expect(Object.keys(paths).sort()).toEqual([
    '/apikeys',
    '/compensation-failure-webhooks',
    '/compensation-failures',
    '/compensation-failures/{id}',
    '/compensation-failures/{id}/ignore',
    '/compensation-failures/{id}/resolve',
    '/compensation-failures/{id}/retry',
    '/events',
    '/groundings',
    '/groundings/{name}',
    '/health',
    '/openapi.json',
    '/orchestrations',
    '/orchestrations/inspections/{id}',
    '/orchestrations/{id}/cancel',
    '/orchestrations/{id}/events',
    '/orchestrations/{id}/tokens',
    '/plans',
    '/plans/{name}',
    '/register/agent',
    '/register/project',
    '/register/service',
    '/services',
    '/settings',
    '/webhooks',
    '/ws',
  ]);
  for (const [route, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations)) {
      const answer = await ask(method.toUpperCase(), route.replace(/{\w+}/, 'x'), { auth: null });
      expect([route, method, [404, 405].includes(answer.status)]).toEqual([route, method, false]);
    }
  }
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(references.length).toBeGreaterThan(5);
  for (const name of references) expect(body.components.schemas).toHaveProperty(name!);
});

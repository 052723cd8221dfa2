/** The fake model over real HTTP, like for a planner. */
import { request as httpRequest } from 'node:http';
import { ManualClock } from '@orra-ts/common/testing';
import { FakeModel, modelReply, type FakeModelOptions, type ModelReply, type ModelRequest } from '../src';

/** A decoded body, whose members the tests check. */
type Json = ReturnType<typeof JSON.parse>;
const jsonOf = async (response: Response): Promise<Json> => JSON.parse(await response.text());

const PLAN = {
  tasks: [
    { id: 'task0', input: { orderId: 'A-1' } },
    { id: 'task1', service: 'stock', input: { orderId: '$task0.orderId' } },
  ],
};

let models: FakeModel[];
beforeEach(() => {
  models = [];
});
afterEach(async () => {
  await Promise.all(models.map((model) => model.close()));
});

async function start(options?: FakeModelOptions): Promise<FakeModel> {
  const model = await FakeModel.start(options);
  models.push(model);
  return model;
}

interface AskOptions {
  readonly prompt?: string;
  readonly path?: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

function ask(model: FakeModel, { prompt = 'plan it', path = '/chat/completions', body, ...rest }: AskOptions = {}) {
  return fetch(`${model.baseUrl}${path}`, {
    method: 'POST',
    body: JSON.stringify({ model: 'some-model', messages: [{ role: 'user', content: prompt }], ...body }),
    ...rest,
  });
}

const answered = async (model: FakeModel, options?: AskOptions): Promise<Json> => jsonOf(await ask(model, options));

async function contentOf(reply: ModelReply): Promise<string> {
  const model = await start();
  return (await answered(model.enqueue(reply))).choices[0].message.content;
}

const errorOf = async (response: Response): Promise<Json> => (await jsonOf(response)).error;

describe('a completion', () => {
  it('is well-formed: envelope, message, finish reason and an estimate of tokens', async () => {
    const clock = new ManualClock(5_000);
    const model = await start({ clock });
    model.enqueue(modelReply.text('eight ch'));
    const response = await ask(model, { prompt: '12345' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      id: 'chatcmpl-fake-1',
      object: 'chat.completion',
      created: 5,
      model: 'some-model',
      choices: [{ index: 0, message: { role: 'assistant', content: 'eight ch' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
    });
  });

  it('is also served without the prefix /v1', async () => {
    const model = await start();
    model.enqueue(modelReply.text('here'));
    const response = await fetch(`${model.baseUrl.replace('/v1', '')}/chat/completions?api-version=1`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: '' }] }),
    });
    expect((await jsonOf(response)).choices[0].message.content).toBe('here');
  });

  it('contains the token usage of the reply, or none', async () => {
    const model = await start();
    const reply = modelReply.text('x');
    model.enqueue(modelReply.usage({ promptTokens: 700, completionTokens: 33 }, reply), modelReply.usage(null, reply));
    expect((await answered(model)).usage).toEqual({ prompt_tokens: 700, completion_tokens: 33, total_tokens: 733 });
    expect(await answered(model)).not.toHaveProperty('usage');
  });
});

describe('content', () => {
  it('of a plan is the format of an actionable action, with the given constants and capabilities', async () => {
    expect(JSON.parse(await contentOf(modelReply.plan(PLAN)))).toEqual({ actionable: true, ...PLAN });
    const more = { ...PLAN, constants: { days: 3 }, capabilities: [{ capability: 'count', service: 'stock' }] };
    expect(JSON.parse(await contentOf(modelReply.plan(more)))).toEqual({ actionable: true, ...more });
  });

  it('of notActionable is the reason with the nearest services', async () => {
    expect(JSON.parse(await contentOf(modelReply.notActionable('nobody flies', ['rail'])))).toEqual({
      actionable: false,
      reason: 'nobody flies',
      nearest: ['rail'],
    });
    expect(JSON.parse(await contentOf(modelReply.notActionable('no')))).toMatchObject({ nearest: [] });
  });

  it('of json is fenced, of bare is not, of text is unchanged', async () => {
    expect(await contentOf(modelReply.json({ a: 1 }))).toBe('```json\n{\n  "a": 1\n}\n```');
    expect(await contentOf(modelReply.bare({ a: 1 }))).toBe('{\n  "a": 1\n}');
    expect(await contentOf(modelReply.text('{ broken'))).toBe('{ broken');
  });

  it('may have a fence, reasoning and prose, in any nesting', async () => {
    const reply = modelReply.fenced(modelReply.text('[]'));
    expect(await contentOf(modelReply.think('hm', modelReply.prose('Here:', reply, 'Enjoy!')))).toBe(
      '<think>\nhm\n</think>\n\nHere:\n\n```json\n[]\n```\n\nEnjoy!',
    );
    expect(await contentOf(modelReply.prose('Here:', reply))).toBe('Here:\n\n```json\n[]\n```');
  });

  it('that is truncated ends in the middle, with a finish reason', async () => {
    const model = await start();
    model.enqueue(modelReply.truncated(modelReply.text('123456789')));
    expect((await answered(model)).choices[0]).toEqual({
      index: 0,
      message: { role: 'assistant', content: '1234' },
      finish_reason: 'length',
    });
  });
});

describe('failures', () => {
  it.each([
    [401, 'invalid_request_error', 'invalid_api_key'],
    [404, 'invalid_request_error', null],
    [429, 'rate_limit_error', 'rate_limit_exceeded'],
    [500, 'server_error', null],
  ])('status %i has the error format of OpenAI', async (status, type, code) => {
    const model = await start();
    model.enqueue(modelReply.status(status, { message: 'not now' }));
    const response = await ask(model);
    expect(response.status).toBe(status);
    expect(response.headers.has('retry-after')).toBe(false);
    expect(await response.json()).toEqual({ error: { message: 'not now', type, param: null, code } });
  });

  it('a status carries Retry-After, headers and a code', async () => {
    const model = await start();
    const date = 'Thu, 01 Jan 2026 00:00:30 GMT';
    model.enqueue(
      modelReply.status(429, { retryAfter: 7, headers: { 'x-request-id': 'r1' }, code: 'insufficient_quota' }),
      modelReply.status(503, { retryAfter: date }),
    );
    const first = await ask(model);
    expect(first.headers.get('retry-after')).toBe('7');
    expect(first.headers.get('x-request-id')).toBe('r1');
    expect(await errorOf(first)).toMatchObject({ code: 'insufficient_quota' });
    expect((await ask(model)).headers.get('retry-after')).toBe(date);
  });

  it.each([200, 299, 600, 400.5])('%d is not a valid status of a failure', (status) => {
    expect(() => modelReply.status(status)).toThrow(RangeError);
  });

  it('empty is a completion without choices', async () => {
    const model = await start();
    model.enqueue(modelReply.empty());
    expect(await answered(model)).toMatchObject({ object: 'chat.completion', choices: [] });
  });

  it('body is status 200 with any body', async () => {
    const model = await start();
    model.enqueue(modelReply.body('<h1>Welcome</h1>', 'text/html'));
    const response = await ask(model);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/html',
      '<h1>Welcome</h1>',
    ]);
  });

  it('cut announces the whole body and breaks the connection after half of it', async () => {
    const model = await start();
    const reply = modelReply.plan(PLAN);
    model.enqueue(reply, modelReply.cut(reply));
    const whole = Buffer.byteLength(await (await ask(model)).text());
    const response = await ask(model);
    expect(Number(response.headers.get('content-length'))).toBe(whole);
    let read = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) read += chunk.length;
    };
    await expect(reading()).rejects.toThrow();
    expect(read).toBe(Math.floor(whole / 2));
    expect(model.requests[1]!.signal.aborted).toBe(false);
  });

  it.each([1, 65_536, 3_000_001])('huge has %i bytes of content and no content-length', async (bytes) => {
    const model = await start();
    model.enqueue(modelReply.huge(bytes));
    const response = await ask(model);
    expect(response.headers.has('content-length')).toBe(false);
    const { choices, usage } = await jsonOf(response);
    expect(Buffer.byteLength(choices[0].message.content)).toBe(bytes);
    expect(usage.completion_tokens).toBe(Math.ceil(bytes / 4));
  });

  it('huge stops when its reader disconnects', async () => {
    const model = await start();
    model.enqueue(modelReply.huge(2 ** 30));
    const response = await ask(model);
    await response.body!.cancel();
    await model.requests[0]!.aborted;
  });

  it.each([0, -1, 1.5, 2 ** 30 + 1])('%d is not a valid size of a huge reply', (bytes) => {
    expect(() => modelReply.huge(bytes)).toThrow(RangeError);
  });
});

describe('response_format', () => {
  const withFormat = (type: string): AskOptions => ({ body: { response_format: { type } } });

  it('is rejected by name until a request has none', async () => {
    const model = await start();
    model.enqueue(modelReply.rejectsResponseFormat(modelReply.text('at last')), modelReply.text('next'));
    for (const type of ['json_schema', 'json_object']) {
      const response = await ask(model, withFormat(type));
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({
        message: expect.stringContaining('response_format'),
        param: 'response_format',
      });
    }
    expect((await answered(model)).choices[0].message.content).toBe('at last');
    expect((await answered(model, withFormat('json_schema'))).choices[0].message.content).toBe('next');
    expect(model.requests.map(({ responseFormat }) => responseFormat)).toEqual([
      'json_schema',
      'json_object',
      undefined,
      'json_schema',
    ]);
  });

  it('of only one type may be rejected', async () => {
    const model = await start();
    model.enqueue(modelReply.rejectsResponseFormat(modelReply.text('json_object is fine'), 'json_schema'));
    expect((await ask(model, withFormat('json_schema'))).status).toBe(400);
    expect((await ask(model, withFormat('json_object'))).status).toBe(200);
  });

  it('is also rejected by a slow reply, which stays in the queue', async () => {
    const model = await start();
    const reply = modelReply.rejectsResponseFormat(modelReply.text('at last'));
    model.enqueue(modelReply.slow(Promise.resolve(), reply));
    expect((await ask(model, withFormat('json_object'))).status).toBe(400);
    expect((await ask(model)).status).toBe(200);
  });
});

describe('which reply', () => {
  const content = async (model: FakeModel, prompt?: string): Promise<string> =>
    (await answered(model, { prompt })).choices[0].message.content;

  it('is the next in the queue, and the script when the queue is empty', async () => {
    const model = await start({ script: ({ prompt }) => modelReply.text(`script: ${prompt}`) });
    model.enqueue(modelReply.text('one'), async ({ attempt }) => modelReply.text(`number ${attempt}`));
    expect(model.queuedReplies).toBe(2);
    const said = [await content(model), await content(model), await content(model, 'hello')];
    expect(said).toEqual(['one', 'number 2', 'script: hello']);
    expect(model.queuedReplies).toBe(0);
  });

  it('follows the order of arrival, even if an earlier request is still waiting', async () => {
    const model = await start();
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    model.enqueue(modelReply.slow(until, modelReply.text('first')), modelReply.text('second'));
    const first = content(model);
    await model.received(1);
    expect(await content(model)).toBe('second');
    release();
    expect(await first).toBe('first');
  });

  it('can be chosen by a script that was set later', async () => {
    const model = await start();
    model.script = () => modelReply.text('late');
    expect(await content(model)).toBe('late');
  });

  it.each([
    ['there is no script', undefined],
    ['the script has none', () => undefined],
  ])('is a 500 that names the remedy when %s', async (_, script) => {
    const model = await start({ script });
    const response = await ask(model);
    expect(response.status).toBe(500);
    expect(await errorOf(response)).toMatchObject({
      message: expect.stringMatching(/request 1: .*model\.enqueue\(.*script/),
      code: 'no_reply',
    });
  });

  it('is a 500 with its message when the script throws', async () => {
    const model = await start({
      script: () => {
        throw new Error('no such service in the prompt');
      },
    });
    const response = await ask(model);
    expect(response.status).toBe(500);
    expect((await errorOf(response)).message).toContain('no such service in the prompt');
  });
});

describe('recorded requests', () => {
  it('contain headers, body, messages, their joined contents, attempt and time', async () => {
    const model = await start({ clock: new ManualClock(1_000), script: () => modelReply.text('x') });
    const messages = [
      { role: 'system', content: 'You plan.' },
      { role: 'user', content: [{ type: 'text', text: 'Ship ' }, { type: 'image_url' }, { type: 'text', text: 'it' }] },
      { role: 'assistant', content: null },
    ];
    await ask(model);
    await ask(model, { headers: { 'openai-organization': 'org-1' }, body: { messages, temperature: 0 } });
    expect(model.requests[1]).toMatchObject({
      attempt: 2,
      receivedAtMs: 1_000,
      headers: { 'openai-organization': 'org-1' },
      body: { model: 'some-model', messages, temperature: 0 },
      model: 'some-model',
      prompt: 'You plan.\nShip it\n',
      messages: [
        { role: 'system', content: 'You plan.' },
        { role: 'user', content: 'Ship it' },
        { role: 'assistant', content: '' },
      ],
      responseFormat: undefined,
    });
  });

  it('can be awaited, before and after they arrive', async () => {
    const model = await start({ script: () => modelReply.text('x') });
    const second = model.received(2);
    await ask(model, { prompt: 'a' });
    await ask(model, { prompt: 'b' });
    expect((await second).prompt).toBe('b');
    expect((await model.received()).prompt).toBe('a');
  });
});

describe('time', () => {
  it('of a slow reply passes on the given clock', async () => {
    const clock = new ManualClock();
    const model = await start({ clock });
    model.enqueue(modelReply.slow(60_000, modelReply.status(500)));
    let status: number | undefined;
    const answer = ask(model).then((response) => (status = response.status));
    await model.received();
    await clock.advance(59_999);
    expect([status, clock.nextTimerMs]).toEqual([undefined, 1]);
    await clock.advance(1);
    expect(await answer).toBe(500);
  });

  it('of a slow reply ends when the client disconnects', async () => {
    const clock = new ManualClock();
    const model = await start({ clock });
    model.enqueue(modelReply.slow(60_000, modelReply.text('late')));
    const controller = new AbortController();
    const answer = ask(model, { signal: controller.signal });
    const { aborted } = await model.received();
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(1);
    controller.abort();
    await expect(answer).rejects.toThrow();
    await aborted;
    expect(clock.pendingTimers).toBe(0);
  });

  it('of a slow reply with a promise ends with the promise, and its rejection is reported', async () => {
    const model = await start();
    model.enqueue(() => modelReply.slow(Promise.reject(new Error('never came')), modelReply.text('x')));
    expect((await errorOf(await ask(model))).message).toContain('never came');
  });
});

describe('a client that disconnects', () => {
  it.each<[string, () => ModelReply | Promise<ModelReply>]>([
    ['a reply that hangs', () => modelReply.hang()],
    ['a script that is at work', () => new Promise<ModelReply>(() => undefined)],
  ])('is detected during %s', async (_, script) => {
    const model = await start({ script });
    const controller = new AbortController();
    const answer = ask(model, { signal: controller.signal });
    const request: ModelRequest = await model.received();
    expect(request.signal.aborted).toBe(false);
    controller.abort();
    await expect(answer).rejects.toThrow();
    await request.aborted;
    expect(request.signal.aborted).toBe(true);
  });

  it('in the middle of its body leaves no request, and the next is served', async () => {
    const model = await start({ script: () => modelReply.text('fine') });
    await new Promise<void>((resolve) => {
      const upload = httpRequest(`${model.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'content-length': 1_000 },
      });
      upload.on('error', () => resolve());
      upload.write('{"model":', () => upload.destroy(new Error('gone')));
    });
    expect((await ask(model)).status).toBe(200);
    expect(model.requests).toHaveLength(1);
  });

  it('is not reported after a complete response', async () => {
    const model = await start({ script: () => modelReply.text('fine') });
    await answered(model);
    await model.close();
    expect(model.requests[0]!.signal.aborted).toBe(false);
  });
});

describe('closing', () => {
  it('closes open connections, aborts the requests, and can be called again', async () => {
    const model = await start({ script: () => modelReply.hang() });
    const answer = ask(model);
    const { aborted } = await model.received();
    const closed = Promise.all([model.close(), model.close()]);
    await expect(answer).rejects.toThrow();
    await aborted;
    await closed;
    await model.close();
    await expect(ask(model)).rejects.toThrow();
  });

  it('frees the port for the next one', async () => {
    const first = await start();
    const port = Number(new URL(first.baseUrl).port);
    await expect(start({ port })).rejects.toThrow('EADDRINUSE');
    await first.close();
    expect((await start({ port })).baseUrl).toBe(first.baseUrl);
  });
});

describe('rejected requests', () => {
  it('have a missing or wrong key, and use no reply', async () => {
    const model = await start({ apiKey: 'k1' });
    model.enqueue(modelReply.text('in'));
    for (const headers of [undefined, { authorization: 'Bearer k2' }]) {
      const response = await ask(model, { headers });
      expect(response.status).toBe(401);
      expect(await errorOf(response)).toMatchObject({ code: 'invalid_api_key', type: 'invalid_request_error' });
    }
    expect((await ask(model, { headers: { authorization: 'Bearer k1' } })).status).toBe(200);
    expect(model.requests.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it.each([
    ['POST', '/v1/completions'],
    ['POST', '/v1/v1/chat/completions'],
    ['GET', '/v1/chat/completions'],
    ['GET', '/'],
  ])('%s %s: status 404 that names the routes', async (method, path) => {
    const model = await start({ script: () => modelReply.text('x') });
    const response = await fetch(`${new URL(model.baseUrl).origin}${path}`, { method });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({
      message: expect.stringContaining(`${model.baseUrl}/chat/completions`),
      type: 'invalid_request_error',
      code: 'unknown_url',
    });
  });

  it.each([
    ['{', /not JSON/],
    ['[]', /not a JSON object/],
    ['{"messages":[{"role":"user","content":"x"}]}', /model is missing/],
    ['{"model":"m"}', /messages is missing/],
    ['{"model":"m","messages":[]}', /messages is missing/],
    ['{"model":"m","messages":[{"content":"x"}]}', /messages\[0\] has no role/],
    ['{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}', /stream/],
  ])('the body %s', async (body, message) => {
    const model = await start({ script: () => modelReply.text('x') });
    const response = await fetch(`${model.baseUrl}/chat/completions`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toMatch(message);
    expect(model.requests).toEqual([]);
  });

  it('have a body above 10 MiB', async () => {
    const model = await start({ script: () => modelReply.text('x') });
    const response = await ask(model, { prompt: 'x'.repeat(10 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect((await errorOf(response)).message).toMatch(/accepts 10485760/);
  });
});

describe('embeddings', () => {
  const embed = (model: FakeModel, input: unknown, headers = {}): Promise<Response> =>
    ask(model, { path: '/embeddings', body: { input }, headers });

  it('are one vector per input, in order, deterministic, and different for different inputs', async () => {
    const model = await start();
    const { data, ...rest } = await jsonOf(await embed(model, ['ship it', 'sell it']));
    expect(rest).toEqual({ object: 'list', model: 'some-model', usage: { prompt_tokens: 4, total_tokens: 4 } });
    expect(data.map(({ object, index }: Json) => [object, index])).toEqual([
      ['embedding', 0],
      ['embedding', 1],
    ]);
    expect(data[0].embedding).not.toEqual(data[1].embedding);
    const again = await jsonOf(await embed(model, 'sell it'));
    expect(again.data).toEqual([{ ...data[1], index: 0 }]);
    expect(model.embedded).toEqual(['ship it', 'sell it', 'sell it']);
    expect(model.requests).toEqual([]);
  });

  it('come from the option', async () => {
    const model = await start({ embed: (text) => [text.length] });
    expect((await jsonOf(await embed(model, 'four'))).data[0].embedding).toEqual([4]);
    model.embed = () => {
      throw new Error('no vectors today');
    };
    const response = await embed(model, 'x');
    expect([response.status, (await errorOf(response)).message]).toEqual([
      500,
      expect.stringContaining('no vectors today'),
    ]);
  });

  it.each([undefined, [], [1]])('of %j are rejected', async (input) => {
    const response = await embed(await start(), input);
    expect([response.status, (await errorOf(response)).message]).toEqual([400, expect.stringContaining('input')]);
  });

  it('require the key', async () => {
    const model = await start({ apiKey: 'k1' });
    expect((await embed(model, 'x')).status).toBe(401);
    expect((await embed(model, 'x', { authorization: 'Bearer k1' })).status).toBe(200);
  });
});

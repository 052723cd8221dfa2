/** The axios adapter with a real server. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import axios from 'axios';
import { axiosTransport } from '../src/axios';
import { OrraError } from '../src';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const SECRET = 'sk-orra-v1-secret';
const transport = axiosTransport();
let server: Server;
let url: string;
let seen: Seen[];
let answer: (response: ServerResponse) => void;
/** Resolves with the next request that the server receives. */
let arrived: Promise<void>;

beforeEach(async () => {
  seen = [];
  let announce: () => void;
  arrived = new Promise((resolve) => (announce = resolve));
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, text });
      announce();
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'it resolved',
    (error: unknown) => error,
  );

describe('requests', () => {
  it('send their body as JSON, with the given headers', async () => {
    answer = (response) => response.end();
    const body = { action: { content: 'Grüße' }, data: null };
    await transport.request({ method: 'POST', url: `${url}/x?y=1`, headers: { authorization: 'Bearer k' }, body });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/x?y=1',
      headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    });
    expect(JSON.parse(seen[0]?.text ?? '')).toEqual(body);
  });

  it('without a body send neither a body nor a content type', async () => {
    answer = (response) => response.end();
    await transport.request({ method: 'DELETE', url });
    expect(seen[0]).toMatchObject({ method: 'DELETE', text: '' });
    expect(seen[0]?.headers['content-type']).toBeUndefined();
  });

  it('may be larger than the default limit of axios', async () => {
    answer = (response) => response.end();
    const body = { text: 'x'.repeat(11 * 1024 * 1024) };
    await transport.request({ method: 'POST', url, body });
    expect(seen[0]?.text.length).toBeGreaterThan(11 * 1024 * 1024);
  });
});

describe('responses', () => {
  it.each([200, 201, 204, 400, 401, 403, 404, 429, 500, 503])('%d is a response like any other', async (status) => {
    answer = (response) => response.writeHead(status, { 'X-Orra-PlaneEngine-Version': '0.2.5' }).end();
    const response = await transport.request({ method: 'GET', url });
    expect(response).toMatchObject({ status, text: '', headers: { 'x-orra-planeengine-version': '0.2.5' } });
  });

  it.each(['{"a":1}\n', '"text"', '12345678901234567890', 'null', '404 page not found\n', ' '])(
    'the text %j comes as it was sent, whatever its type says',
    async (text) => {
      for (const type of ['application/json', 'text/plain; charset=utf-8']) {
        answer = (response) => response.writeHead(200, { 'content-type': type }).end(text);
        await expect(transport.request({ method: 'GET', url })).resolves.toMatchObject({ text });
      }
    },
  );

  it.each([301, 302, 307, 308])('a redirect (%d) is not followed: a POST would become a GET', async (status) => {
    answer = (response) => response.writeHead(status, { location: '/elsewhere' }).end();
    const response = await transport.request({ method: 'POST', url: `${url}//x`, body: {} });
    expect(response).toMatchObject({ status, headers: { location: '/elsewhere' } });
    expect(seen).toHaveLength(1);
  });

  it('header names are in lower case, and repeated headers are joined', async () => {
    answer = (response) =>
      response
        .writeHead(
          200,
          [
            ['Set-Cookie', 'a=1'],
            ['Set-Cookie', 'b=2'],
            ['X-A', 'B'],
          ].flat(),
        )
        .end();
    const { headers } = await transport.request({ method: 'GET', url });
    expect(headers).toMatchObject({ 'set-cookie': 'a=1,b=2', 'x-a': 'B' });
  });
});

describe('no response', () => {
  const secretive = (base: string) => ({
    method: 'POST' as const,
    url: `${base}/ws?serviceId=s_a&apiKey=${SECRET}`,
    headers: { authorization: `Bearer ${SECRET}` },
    body: { key: SECRET },
  });

  it('a refused connection is ORRA_UNREACHABLE: retryable, with the address and a remedy, and without secrets', async () => {
    const free = url;
    await new Promise((resolve) => server.close(resolve));
    const error = await thrownBy(transport.request(secretive(free)));
    server.listen(0, '127.0.0.1');
    expect(error).toBeInstanceOf(OrraError);
    expect(error).toMatchObject({
      code: 'ORRA_UNREACHABLE',
      retryable: true,
      details: { method: 'POST', url: `${free}/ws`, reason: 'ECONNREFUSED' },
    });
    expect((error as OrraError).message).toMatch(/ECONNREFUSED.*ORRA_URL/);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });

  it('a dropped connection is ORRA_UNREACHABLE', async () => {
    answer = (response) => response.destroy();
    const error = await thrownBy(transport.request(secretive(url)));
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE', retryable: true });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });

  it('a timeout is ORRA_UNREACHABLE and names the time', async () => {
    answer = () => undefined;
    const error = await thrownBy(transport.request({ method: 'GET', url, timeoutMs: 40 }));
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE', retryable: true });
    expect((error as OrraError).message).toContain('no response within 40 ms');
  });

  it('an invalid URL is refused and not shown in the error', async () => {
    const error = await thrownBy(transport.request({ method: 'GET', url: `nope ${SECRET}` }));
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE' });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });

  it('an abort rejects with the reason of the signal, before and during the request', async () => {
    const reason = new Error('enough');
    await expect(transport.request({ method: 'GET', url, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(seen).toEqual([]);
    answer = () => undefined;
    const aborter = new AbortController();
    const call = thrownBy(transport.request({ method: 'GET', url, signal: aborter.signal }));
    await arrived;
    aborter.abort(reason);
    expect(await call).toBe(reason);
  });
});

it('a custom axios instance is used with its interceptors, but without its base URL', async () => {
  answer = (response) => response.end('{}');
  const instance = axios.create({ baseURL: 'http://127.0.0.1:1/wrong', headers: { 'x-tenant': 'acme' } });
  instance.interceptors.request.use((config) => {
    config.headers.set('x-traced', 'yes');
    return config;
  });
  await axiosTransport(instance).request({ method: 'GET', url: `${url}/right` });
  expect(seen[0]).toMatchObject({ url: '/right', headers: { 'x-tenant': 'acme', 'x-traced': 'yes' } });
});

describe('streams', () => {
  const open = async (signal?: AbortSignal) => {
    let response: ServerResponse | undefined;
    answer = (begun) => {
      response = begun;
      begun.writeHead(200, { 'Content-Type': 'text/event-stream' });
      begun.flushHeaders();
    };
    const stream = await transport.stream?.({ method: 'GET', url: `${url}/events?apiKey=${SECRET}`, signal });
    if (!stream || !response) throw new Error('no stream');
    return { stream, response, closed: new Promise((resolve) => response?.once('close', resolve)) };
  };
  const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
    let text = '';
    for await (const piece of body) text += Buffer.from(piece).toString();
    return text;
  };

  it('are available as soon as the response begins, regardless of its status, and end with it', async () => {
    const { stream, response } = await open();
    expect(stream).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    response.end('all of it');
    await expect(textOf(stream.body)).resolves.toBe('all of it');
    answer = (refused) => refused.writeHead(404).end('404 page not found\n');
    const refusal = await transport.stream?.({ method: 'GET', url });
    expect(refusal?.status).toBe(404);
    await expect(textOf(refusal?.body ?? ([] as never))).resolves.toBe('404 page not found\n');
  });

  it('that break are ORRA_UNREACHABLE, without the query, also before they are read', async () => {
    const { stream, response, closed } = await open();
    response.socket?.destroy();
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    const error = await thrownBy(textOf(stream.body));
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE', retryable: true });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
  });

  it('close their connection when their reader stops', async () => {
    const { stream, response, closed } = await open();
    response.write('first');
    for await (const piece of stream.body) {
      expect(Buffer.from(piece).toString()).toBe('first');
      break;
    }
    await closed;
  });

  it('close their connection when their signal is aborted, read or not, with its reason', async () => {
    for (const isRead of [true, false]) {
      const aborter = new AbortController();
      const { stream, closed } = await open(aborter.signal);
      const reading = isRead ? thrownBy(textOf(stream.body)) : undefined;
      aborter.abort(new Error('enough'));
      await closed;
      await expect(reading ?? thrownBy(textOf(stream.body))).resolves.toMatchObject({ message: 'enough' });
    }
  });

  it('have a timeout for the response, but not for the body', async () => {
    answer = () => undefined;
    const error = await thrownBy(transport.stream?.({ method: 'GET', url, timeoutMs: 30 }) ?? Promise.resolve());
    expect(error).toMatchObject({ code: 'ORRA_UNREACHABLE' });
    expect(String(error)).toContain('no response within 30 ms');

    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
    try {
      const { stream: slow, response } = await open();
      jest.advanceTimersByTime(3_600_000);
      response.end('late');
      await expect(textOf(slow.body)).resolves.toBe('late');
    } finally {
      jest.useRealTimers();
    }
  });

  it('apply back-pressure: data that the reader does not take stays with the server', async () => {
    const { stream, response } = await open();
    const size = 64 * 1024 * 1024;
    let isSent = false;
    response.write(Buffer.alloc(size), () => (isSent = true));
    const pieces = stream.body[Symbol.asyncIterator]();
    let received = 0;
    const first = await pieces.next();
    if (!first.done) received += first.value.length;
    for (let i = 0; i < 500; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(isSent).toBe(false);
    response.end();
    for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) received += piece.value.length;
    expect([received, isSent]).toEqual([size, true]);
  });
});

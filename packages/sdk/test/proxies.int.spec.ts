/** Proxies from the environment, with real sockets. `engine.test` has no address: only the proxy knows it. */
import { axiosTransport } from '@orra-ts/common/axios';
import { openSocket, type SocketTarget } from '../src/connection/engine-socket';
import { closeAll, createApp, startApp, startEngine } from './support/harness';
import { HttpProxy, type ProxyOptions } from './support/http-proxy';

const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
const proxies: HttpProxy[] = [];

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});
afterEach(async () => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await closeAll();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

const portOf = (url: string): number => Number(new URL(url).port);

async function startProxy(target: number, options?: ProxyOptions): Promise<HttpProxy> {
  const proxy = await HttpProxy.start(target, options);
  proxies.push(proxy);
  return proxy;
}

const target = (url: string, changes: Partial<SocketTarget> = {}): SocketTarget => ({
  url,
  serviceId: 's_1',
  apiKey: 'sk-orra-secret',
  headerAuth: true,
  capabilities: [],
  handshakeTimeoutMs: 5_000,
  ...changes,
});

const never = new AbortController().signal;
const get = (url: string, timeoutMs = 5_000) =>
  axiosTransport().request({ method: 'GET', url, headers: { authorization: 'Bearer sk-orra-secret' }, timeoutMs });

it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])(
  '%s applies to the HTTP requests and the WebSocket of an app',
  async (name) => {
    const engine = await startEngine();
    const proxy = await startProxy(portOf(engine.url));
    process.env[name] = `http://${proxy.host}`;
    const { app } = await startApp(engine, { engine: { url: 'http://engine.test', apiKey: engine.apiKey } });
    expect(await (await engine.sendTask('echo', { text: 'a' })).output()).toEqual({ text: 'a' });
    expect(app.health().status).toBe('ready');
    expect(proxy.requests).toContain('POST http://engine.test/register/service');
    expect(proxy.requests).toContain('CONNECT engine.test:80');
  },
);

it('user name and password of the proxy URL are sent to the proxy', async () => {
  const engine = await startEngine();
  const proxy = await startProxy(portOf(engine.url));
  process.env['HTTP_PROXY'] = `http://user:p%40ss@${proxy.host}`;
  await startApp(engine, { engine: { url: 'http://engine.test', apiKey: engine.apiKey } });
  const expected = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  expect(new Set(proxy.authorizations)).toEqual(new Set([expected]));
});

it('an engine on this machine, and hosts in NO_PROXY, are reached without the proxy', async () => {
  const engine = await startEngine();
  const proxy = await startProxy(1);
  process.env['ALL_PROXY'] = process.env['HTTP_PROXY'] = `http://${proxy.host}`;
  const { app } = await startApp(engine);
  expect(app.health().status).toBe('ready');
  process.env['NO_PROXY'] = '.test';
  await expect(get('http://engine.test/health')).rejects.toMatchObject({ details: { reason: 'ENOTFOUND' } });
  expect(proxy.requests).toEqual([]);
});

it('the proxy on the way to an HTTPS engine sees the host, and neither the key nor the path', async () => {
  const engine = await startEngine();
  const proxy = await startProxy(portOf(engine.url));
  process.env['HTTPS_PROXY'] = proxy.host;
  await expect(get('https://engine.test/secret-path')).rejects.toMatchObject({ code: 'ORRA_UNREACHABLE' });
  for (const headerAuth of [true, false]) {
    expect(await openSocket(target('https://engine.test', { headerAuth }), never)).toMatchObject({
      kind: 'unreachable',
    });
  }
  expect(proxy.requests).toEqual(Array<string>(3).fill('CONNECT engine.test:443'));
  expect(proxy.text).not.toContain('sk-orra-secret');
  expect(proxy.text).not.toContain('secret-path');
});

describe('errors name the proxy and the variable, and not its password', () => {
  const use = (host: string): string => {
    process.env['HTTP_PROXY'] = `http://user:secret@${host}`;
    return `through the proxy http://${host} (HTTP_PROXY)`;
  };

  it.each([403, 407, 502, 503])('when it responds with %d', async (status) => {
    const proxy = await startProxy(1, { refuseWith: status });
    const name = use(proxy.host);
    const http = await get('http://engine.test/health').catch((error: unknown) => error);
    expect(http).toMatchObject({ code: 'ORRA_UNREACHABLE', retryable: true });
    const socket = await openSocket(target('http://engine.test'), never);
    expect(socket).toMatchObject({ kind: 'unreachable' });
    for (const text of [String(http), JSON.stringify(socket)]) {
      expect(text).toContain(name);
      expect(text).toContain(`the proxy responds with status ${status}`);
      expect(text).not.toContain('secret');
    }
  });

  it('when nothing listens there', async () => {
    const name = use('127.0.0.1:9');
    const error = await get('http://engine.test/health').catch((thrown: unknown) => String(thrown));
    const socket = JSON.stringify(await openSocket(target('http://engine.test'), never));
    for (const text of [error, socket]) expect(text).toContain(name);
    expect(error).toContain('ECONNREFUSED');
    expect(socket).toContain('ECONNREFUSED');
  });

  it('when it does not respond; then no connection is left', async () => {
    const proxy = await startProxy(1, { silent: true });
    const name = use(proxy.host);
    await expect(get('http://engine.test/health', 50)).rejects.toThrow(name);
    const socket = await openSocket(target('http://engine.test', { handshakeTimeoutMs: 50 }), never);
    expect(socket).toEqual({ kind: 'unreachable', reason: `no response within 50 ms (${name})` });
    while (proxy.connections > 0) await new Promise(setImmediate);
  });

  it('when an app does not start in time', async () => {
    const engine = await startEngine();
    const proxy = await startProxy(1, { refuseWith: 503 });
    const name = use(proxy.host);
    const remote = { url: 'http://engine.test', apiKey: engine.apiKey };
    const { app, log } = await createApp(engine, { engine: remote, startTimeout: 200 });
    await expect(app.start()).rejects.toThrow(name);
    expect(log.text).toContain(name);
  });
});

it('a proxy of another kind is an error that names the variable', async () => {
  process.env['ALL_PROXY'] = 'socks5://user:secret@127.0.0.1:1080';
  await expect(get('http://engine.test/')).rejects.toMatchObject({
    code: 'ORRA_INVALID_OPTION',
    message: expect.stringMatching(/^(?!.*secret).*ALL_PROXY/) as string,
  });
  expect(await openSocket(target('http://engine.test'), never)).toMatchObject({
    kind: 'unreachable',
    reason: expect.stringContaining('ALL_PROXY') as string,
  });
});

import { proxyOf, viaProxy } from './proxy';

const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const name of VARIABLES) delete process.env[name];
  Object.assign(process.env, variables);
}

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

it.each([
  [{ HTTP_PROXY: 'http://proxy:3128' }, 'http://engine.test', 'http://proxy:3128 (HTTP_PROXY)'],
  [{ HTTP_PROXY: 'http://proxy:3128' }, 'https://engine.test', undefined],
  [{ HTTPS_PROXY: 'http://proxy:3128' }, 'https://engine.test', 'http://proxy:3128 (HTTPS_PROXY)'],
  [{ HTTPS_PROXY: 'proxy:3128' }, 'https://engine.test', 'http://proxy:3128 (HTTPS_PROXY)'],
  [{ HTTPS_PROXY: 'https://proxy' }, 'https://engine.test', 'https://proxy (HTTPS_PROXY)'],
  [{ ALL_PROXY: 'http://all', https_proxy: 'http://one' }, 'https://engine.test', 'http://one (https_proxy)'],
  [{ ALL_PROXY: 'http://all' }, 'http://engine.test', 'http://all (ALL_PROXY)'],
  [{ HTTP_PROXY: 'http://user:secret@proxy' }, 'http://engine.test', 'http://proxy (HTTP_PROXY)'],
  [{ HTTP_PROXY: 'http://proxy', NO_PROXY: 'engine.test' }, 'http://engine.test:8005', undefined],
  [{ HTTP_PROXY: 'http://proxy', NO_PROXY: 'a.test, .engine.test' }, 'http://eu.engine.test', undefined],
  [{ HTTP_PROXY: 'http://proxy', NO_PROXY: 'engine.test:80' }, 'http://engine.test:8005', 'http://proxy (HTTP_PROXY)'],
  [{ HTTP_PROXY: 'http://proxy', NO_PROXY: '*' }, 'http://engine.test', undefined],
  [{}, 'http://engine.test', undefined],
])('with %j, %s is reached through %s', (variables, url, label) => {
  setEnvironment(variables);
  expect(proxyOf(url)?.label).toBe(label);
  expect(viaProxy(url)).toBe(label === undefined ? '' : ` through the proxy ${label}`);
});

it.each([
  ['localhost'],
  ['engine.localhost'],
  ['LOCALHOST.'],
  ['127.0.0.1'],
  ['127.8.9.1'],
  ['[::1]'],
  ['[::ffff:127.0.0.1]'],
  ['0.0.0.0'],
  ['[::]'],
])('%s is this machine, and never uses a proxy', (host) => {
  setEnvironment({ HTTP_PROXY: 'http://proxy', HTTPS_PROXY: 'http://proxy', ALL_PROXY: 'http://proxy' });
  expect([proxyOf(`http://${host}:8005`), proxyOf(`https://${host}/path`)]).toEqual([undefined, undefined]);
});

it.each([['127.0.0.1.engine.test'], ['localhost.engine.test'], ['128.0.0.1'], ['[::2]']])(
  '%s is not this machine',
  (host) => {
    setEnvironment({ HTTP_PROXY: 'http://proxy' });
    expect(proxyOf(`http://${host}`)).toBeDefined();
  },
);

it.each([['socks5://user:secret@proxy:1080'], ['http://'], ['user:secret@']])('the value %s is an error', (value) => {
  setEnvironment({ HTTPS_PROXY: value });
  expect(() => proxyOf('https://engine.test')).toThrow(/^(?!.*secret).*HTTPS_PROXY/);
  expect(viaProxy('https://engine.test')).toContain('HTTPS_PROXY');
});

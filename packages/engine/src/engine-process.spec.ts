import { readCommand, runEngineProcess } from './engine-process';

/** Without a file `.env`. */
const NOWHERE = '/nowhere';
const read = (argv: string[], env: Record<string, string> = {}): unknown => readCommand({ argv, env, cwd: NOWHERE });

test('without flags and environment the engine has its own defaults', () => {
  expect(read([])).toEqual({ level: 'info', engine: {} });
});

test('the environment is the original’s; an empty variable counts as unset', () => {
  expect(read([], { PORT: '9000', HOST: '0.0.0.0', STORAGE_PATH: '/data', LOG_LEVEL: 'TRACE' })).toEqual({
    level: 'debug',
    engine: { port: 9000, host: '0.0.0.0', storage: '/data' },
  });
  expect(read([], { PORT: '', HOST: '', STORAGE_PATH: '', LOG_LEVEL: '' })).toEqual({ level: 'info', engine: {} });
});

test('a model is one that the environment names', () => {
  expect(read([], { LLM_API_KEY: 'k', LLM_MODEL: 'm' })).toMatchObject({
    engine: { model: { model: 'm', apiKey: 'k' } },
  });
});

test('flags win over the environment', () => {
  expect(
    read(['--port', '0', '--storage=:memory:', '--log-level', 'warn'], { PORT: '9000', LOG_LEVEL: 'error' }),
  ).toEqual({ level: 'warn', engine: { port: 0, storage: ':memory:' } });
  expect(read(['--webhook-targets', 'public'], { WEBHOOK_TARGETS: 'any' })).toMatchObject({
    engine: { webhookTargets: 'public' },
  });
});

test.each([
  [['--port', 'x'], {}, '--port or PORT: "x"'],
  [[], { PORT: '80 80' }, '--port or PORT: "80 80"'],
  [[], { LOG_LEVEL: 'loud' }, '--log-level or LOG_LEVEL: "loud"'],
  [['--prot', '1'], {}, '--prot'],
  [['serve'], {}, 'serve'],
] as [string[], Record<string, string>, string][])('%j with %j is refused', (argv, env, text) => {
  expect(() => read(argv, env)).toThrow(text);
});

test.each([
  [['--help'], 0, '--storage <folder>', ''],
  [['--version'], 0, '0.', ''],
  [['--port', 'x'], 1, '', 'orra-engine: --port or PORT'],
])('%j ends the process with %i and says why', async (argv, code, out, err) => {
  const said = { out: '', err: '', code: -1 };
  await runEngineProcess(argv, {
    env: {},
    cwd: NOWHERE,
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.err += text) },
    onInterrupt: () => () => undefined,
    exit: (exitCode) => (said.code = exitCode),
  });
  expect(said.code).toBe(code);
  expect(said.out).toContain(out);
  expect(said.err).toContain(err);
});

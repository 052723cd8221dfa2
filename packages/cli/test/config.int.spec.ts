/** The config file, and the project that a command uses. */
import { once } from 'node:events';
import { lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FakeHttpEngine } from '@orra-ts/fakes';
import { CliHome, startGoEngine } from './harness';

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  home = new CliHome();
  engine.reset();
  engine.script('POST', '/register/project', {
    status: 201,
    body: {
      id: 'p_1',
      name: 'shop',
      apiKey: 'sk-orra-v1-1',
      additionalAPIKeys: null,
      webhooks: null,
      compensationFailureWebhooks: null,
      createdAt: '2026-11-22T09:28:06Z',
      updatedAt: '0001-01-01T00:00:00Z',
    },
  });
  engine.script('POST', '/apikeys', { status: 201, body: { apiKey: 'sk-orra-v1-2' } });
  engine.script('GET', '/orchestrations', { status: 200, body: {} });
});
afterEach(() => home.remove());

const addShop = () => home.run(['projects', 'add', 'shop', '--server', engine.url]);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the config file', () => {
  it('has the format of the Go CLI after a project and a key were added', async () => {
    await addShop();
    await home.run(['api-keys', 'gen', 'prod']);
    expect(home.config).toEqual({
      current_project: 'shop',
      projects: {
        shop: {
          id: 'p_1',
          cli_auth: 'sk-orra-v1-1',
          api_key: { prod: 'sk-orra-v1-2' },
          server_addr: engine.url,
          webhooks: [],
          compensation_failure_webhooks: [],
        },
      },
    });
  });

  it('is readable for its owner only, in a folder of the same mode, even if an older file was readable for all', async () => {
    await addShop();
    expect([modeOf(home.configPath), modeOf(join(home.home, '.orra'))]).toEqual([0o600, 0o700]);
    writeFileSync(home.configPath, JSON.stringify(home.config), { mode: 0o644 });
    await home.run(['projects', 'use', 'shop']);
    expect(modeOf(home.configPath)).toBe(0o600);
  });

  it('is replaced atomically and leaves no temporary file', async () => {
    await addShop();
    const before = statSync(home.configPath).ino;
    await home.run(['api-keys', 'gen', 'prod']);
    expect(statSync(home.configPath).ino).not.toBe(before);
    expect(readdirSync(join(home.home, '.orra'))).toEqual(['config.json']);
  });

  it('keeps unknown members through every command that writes it', async () => {
    await addShop();
    const { projects } = home.config;
    const withOthers = {
      ...home.config,
      other: { kept: true },
      projects: { shop: { ...projects?.['shop'], note: 'kept' } },
    };
    home.config = withOthers;
    await home.run(['api-keys', 'gen', 'prod']);
    await home.run(['projects', 'use', 'shop']);
    expect(home.config).toMatchObject({ other: { kept: true }, projects: { shop: { note: 'kept' } } });
    await home.run(['config', 'reset']);
    expect(home.config).toEqual({ current_project: '', other: { kept: true }, projects: {} });
  });

  it('stays a symbolic link', async () => {
    const real = join(home.home, 'dotfiles.json');
    writeFileSync(real, '{}');
    mkdirSync(join(home.home, '.orra'));
    symlinkSync(real, home.configPath);
    await addShop();
    expect(lstatSync(home.configPath).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toMatchObject({ current_project: 'shop' });
  });

  it.each([
    ['no JSON', '{"projects":'],
    ['no object', '[]'],
  ])('is not changed when it contains %s; the error says how to fix it', async (_, content) => {
    mkdirSync(join(home.home, '.orra'));
    writeFileSync(home.configPath, content);
    const { code, err } = await addShop();
    expect(code).toBe(1);
    expect(err).toContain(`the config file ${home.configPath} cannot be used`);
    expect(err).toContain('ORRA_CONFIG');
    expect(readFileSync(home.configPath, 'utf8')).toBe(content);
    expect(engine.received).toEqual([]);
  });

  it('comes from --config, otherwise from ORRA_CONFIG, relative to the working folder', async () => {
    const env = { ORRA_CONFIG: 'from-env.json' };
    await home.run(['projects', 'add', 'a', '--server', engine.url], { env });
    await home.run(['--config', 'from-flag.json', 'projects', 'add', 'b', '--server', engine.url], { env });
    await home.run(['projects', 'add', 'c', '--server', engine.url, '--config', 'from-flag.json'], { env });
    const namesIn = (file: string) =>
      Object.keys((JSON.parse(readFileSync(join(home.cwd, file), 'utf8')) as { projects: object }).projects);
    expect([namesIn('from-env.json'), namesIn('from-flag.json')]).toEqual([['a'], ['b', 'c']]);
  });
});

describe('the project of a command', () => {
  const keyOf = (n: number) => engine.received[n]?.headers.authorization;
  beforeEach(() => {
    const project = (key: string) => ({ id: `p_${key}`, cli_auth: key, server_addr: engine.url });
    home.config = { current_project: 'shop', projects: { shop: project('key-1'), garden: project('key-2') } };
  });

  it('is the current one, or the one of -p before or after the command', async () => {
    await home.run(['ps']);
    await home.run(['-p', 'garden', 'ps']);
    await home.run(['ps', '-p=garden']);
    expect([0, 1, 2].map(keyOf)).toEqual(['Bearer key-1', 'Bearer key-2', 'Bearer key-2']);
  });

  it('is an error that lists the known names when it does not exist', async () => {
    const { code, err } = await home.run(['-p', 'nope', 'ps']);
    expect([code, err]).toEqual([1, '⨯ Error: the config has no project nope\n  it has garden, shop\n']);
  });

  it('comes from ORRA_URL and ORRA_API_KEY when the config has none', async () => {
    home.config = {};
    const env = { ORRA_URL: engine.url, ORRA_API_KEY: 'key-3' };
    const { code, out } = await home.run(['ps'], { env });
    expect([code, keyOf(0)]).toEqual([0, 'Bearer key-3']);
    expect(out).toContain(`Project: (ORRA_URL)\nServer:  ${engine.url}`);
    const refused = await home.run(['api-keys', 'gen', 'prod'], { env });
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('orra projects add <name>')]);
  });

  describe('from the environment, when it is invalid', () => {
    const failure = async (env: Readonly<Record<string, string>>): Promise<string> => {
      home.config = {};
      const { code, err } = await home.run(['ps'], { env });
      expect(code).toBe(1);
      return err;
    };

    it.each([
      [
        'ORRA_API_KEY is missing',
        { ORRA_URL: 'http://127.0.0.1:9' },
        /ORRA_URL is set, but ORRA_API_KEY is missing\n {2}set/,
      ],
      ['ORRA_URL is missing', { ORRA_API_KEY: 'k' }, /ORRA_API_KEY is set, but ORRA_URL is missing\n {2}set ORRA_URL/],
      [
        'nothing listens there',
        { ORRA_URL: 'http://127.0.0.1:9', ORRA_API_KEY: 'k' },
        /no engine responds at http:\/\/127\.0\.0\.1:9 .*\n {2}start one .* check the URL in ORRA_URL\n/,
      ],
      [
        'ORRA_URL is none',
        { ORRA_URL: 'localhost:8005', ORRA_API_KEY: 'k' },
        /the URL in ORRA_URL is not .*\n {2}use the form/,
      ],
    ])('%s', async (_, env, message) => {
      expect(await failure(env)).toMatch(message);
    });

    it('the engine rejects its key', async () => {
      engine.script('GET', '/orchestrations', { status: 401 });
      const err = await failure({ ORRA_URL: engine.url, ORRA_API_KEY: 'k' });
      expect(err).toMatch(/does not accept the API key in ORRA_API_KEY\n {2}check that ORRA_API_KEY/);
    });
  });

  it('does not appear in errors of the engine that another project is registered with', async () => {
    const down = await home.run(['projects', 'add', 'new', '--server', 'http://127.0.0.1:9']);
    expect(down.err).toMatch(/no engine responds at http:\/\/127\.0\.0\.1:9 .*\n {2}start one .* with --server\n/);
    const wrong = await home.run(['projects', 'add', 'new', '--server', 'localhost:8005']);
    expect(wrong.err).toMatch(/^⨯ Error: the URL after --server is not a valid engine URL\n {2}use the form http:/);
  });

  it('is required; the error says how to add one', async () => {
    home.config = {};
    const { code, err } = await home.run(['ps']);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^⨯ Error: no project is selected\n {2}run `orra projects add <name>`/),
    ]);
  });

  it('names the missing member of its record', async () => {
    home.config = { current_project: 'shop', projects: { shop: { id: 'p_1', server_addr: engine.url } } };
    const { code, err } = await home.run(['ps']);
    expect([code, err]).toEqual([1, expect.stringContaining('project shop has no key (cli_auth)')]);
  });

  it('that another command removes in the meantime is an error, and is not stored again in part', async () => {
    const server = createServer((_, response) => {
      home.config = {};
      response.writeHead(201).end('{"apiKey":"sk-orra-v1-9"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const shop = { id: 'p_1', cli_auth: 'key-1', server_addr: `http://127.0.0.1:${port}` };
    home.config = { current_project: 'shop', projects: { shop } };
    const { code, err } = await home.run(['api-keys', 'gen', 'prod']);
    server.close();
    server.closeAllConnections();
    expect([code, err]).toEqual([1, expect.stringContaining('the config has no project shop')]);
    expect(home.config).toEqual({});
  });

  it('keeps its keys: a name cannot be used twice', async () => {
    await home.run(['api-keys', 'gen', 'prod']);
    const { code, err } = await home.run(['api-keys', 'gen', 'prod']);
    expect([code, err]).toEqual([1, expect.stringContaining('already has a key prod')]);
    expect(engine.received).toHaveLength(1);
  });
});

/** `orra doctor` with the problems that it detects. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, createEngine } from '@orra-ts/engine';
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { CliHome, type RunOptions, startGoEngine } from './harness';

interface Check {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly next?: string;
}

let engine: Engine;
let home: CliHome;
beforeAll(async () => {
  engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
});
afterAll(() => engine.close());
beforeEach(async () => {
  home = new CliHome();
  await home.run(['projects', 'add', 'shop', '--server', engine.url]);
});
afterEach(() => home.remove());

async function runChecks(options: RunOptions = {}) {
  const { code, out } = await home.run(['doctor', '-o', 'json'], options);
  const checks = JSON.parse(out) as Check[];
  const check = (name: string) => checks.find((one) => one.name === name);
  return { code, check, statuses: Object.fromEntries(checks.map(({ name, status }) => [name, status])) };
}

function install(path: string, version: string): string {
  const folder = join(home.cwd, path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
  return folder;
}

describe('doctor', () => {
  it('reports no problem when there is none', async () => {
    install('node_modules/@orra-ts/sdk', '0.1.0');
    const { code, statuses } = await runChecks();
    expect(code).toBe(0);
    expect(statuses).toEqual({ node: 'ok', packages: 'ok', project: 'ok', engine: 'ok', clock: 'ok', key: 'ok' });
  });

  it('reports packages that are installed twice, in any versions, with their locations', async () => {
    install('node_modules/@orra-ts/sdk', '0.1.0');
    const inner = install('node_modules/other/node_modules/@orra-ts/sdk', '0.1.0');
    install('node_modules/class-transformer', '0.5.1');
    install('node_modules/other/node_modules/class-transformer', '0.4.0');
    const { code, check } = await runChecks();
    expect([code, check('packages')?.status]).toEqual([1, 'failed']);
    expect(check('packages')?.detail).toContain('class-transformer (0.5.1 in');
    expect(check('packages')?.detail).toContain(inner);
    expect(check('packages')?.next).toContain('npm dedupe');
  });

  it('counts symbolic links to one package as one package, as in workspaces', async () => {
    const real = install('packages/sdk', '0.1.0');
    mkdirSync(join(home.cwd, 'node_modules/@orra-ts'), { recursive: true });
    symlinkSync(real, join(home.cwd, 'node_modules/@orra-ts/sdk'));
    mkdirSync(join(home.cwd, 'packages/app/node_modules/@orra-ts'), { recursive: true });
    symlinkSync(real, join(home.cwd, 'packages/app/node_modules/@orra-ts/sdk'));
    symlinkSync(join(home.cwd, 'gone'), join(home.cwd, 'node_modules/gone'));
    expect((await runChecks()).check('packages')?.status).toBe('ok');
  });

  it('reports a key that the engine does not accept', async () => {
    const { projects } = home.config;
    home.config = { ...home.config, projects: { shop: { ...projects?.['shop'], cli_auth: 'sk-orra-v1-unknown' } } };
    const { code, check } = await runChecks();
    expect([code, check('key')]).toEqual([
      1,
      expect.objectContaining({ status: 'failed', detail: expect.stringContaining('does not accept') }),
    ]);
    expect(check('engine')?.status).toBe('ok');
  });

  it('reports an unreachable engine, and a server that is not an engine', async () => {
    home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'k', server_addr: 'http://127.0.0.1:9' } } };
    const gone = await runChecks();
    expect([gone.code, gone.statuses]).toEqual([
      1,
      expect.objectContaining({ engine: 'failed', clock: 'skipped', key: 'skipped' }),
    ]);
    expect(gone.check('engine')?.next).toContain('orra dev');

    const server = await startGoEngine();
    home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'k', server_addr: server.url } } };
    expect((await runChecks()).check('engine')?.detail).toContain('not a Plan Engine (status 404)');
    await server.close();
  });

  describe('with a proxy in the environment', () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });
    const useServer = (server_addr: string): void => {
      home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'k', server_addr } } };
    };

    it('shows the proxy that is used and, if no engine responds, names it', async () => {
      useServer('http://engine.test:8005');
      process.env['HTTP_PROXY'] = process.env['http_proxy'] = 'http://user:secret@127.0.0.1:9';
      const { code, check } = await runChecks();
      expect([code, check('proxy')]).toEqual([
        1,
        { name: 'proxy', status: 'ok', detail: 'http://127.0.0.1:9 (http_proxy)' },
      ]);
      expect(check('engine')).toMatchObject({
        status: 'failed',
        detail:
          'no engine responds at http://engine.test:8005 through the proxy http://127.0.0.1:9 (http_proxy) (ECONNREFUSED)',
        next: expect.stringContaining('NO_PROXY') as string,
      });
    });

    it('reports a proxy of an unsupported kind', async () => {
      useServer('http://engine.test:8005');
      process.env['HTTP_PROXY'] = process.env['http_proxy'] = 'socks5://user:secret@127.0.0.1:9';
      const { code, check } = await runChecks();
      expect([code, check('proxy')?.status]).toEqual([1, 'failed']);
      expect(check('proxy')?.detail).toMatch(/^(?!.*secret).*http_proxy/);
    });

    it('shows no proxy for an engine on this machine, and reaches it', async () => {
      process.env['HTTP_PROXY'] = process.env['ALL_PROXY'] = 'http://127.0.0.1:9';
      const { code, statuses } = await runChecks();
      expect([code, statuses]).toEqual([0, expect.objectContaining({ engine: 'ok', key: 'ok' })]);
      expect(statuses).not.toHaveProperty('proxy');
    });
  });

  it('warns about clocks that differ', async () => {
    const { code, check } = await runChecks({ clock: new ManualClock(Date.now() + 3_600_000) });
    expect([code, check('clock')]).toEqual([
      0,
      expect.objectContaining({ status: 'warning', detail: expect.stringContaining('behind this machine') }),
    ]);
  });

  it('reports a missing project', async () => {
    home.config = {};
    const { code, check } = await runChecks();
    expect([code, check('project')]).toEqual([
      1,
      expect.objectContaining({ next: expect.stringContaining('orra projects add') }),
    ]);
  });
});

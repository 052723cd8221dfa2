/** `orra dev`: an engine that runs as long as the command. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createOrraClient } from '@orra-ts/client';
import { FakeModel, FakeService, modelReply } from '@orra-ts/fakes';
import { CliHome, type Run } from './harness';

interface Ready {
  readonly url: string;
  readonly project: string;
  readonly projectId: string;
  readonly apiKey: string;
  readonly storage: string;
  readonly model?: string;
}

let home: CliHome;
beforeEach(() => {
  home = new CliHome();
});
afterEach(() => home.remove());

/** Runs `orra dev` until the test has used the engine. */
async function dev(
  flags: readonly string[],
  act: (ready: Ready) => Promise<unknown> = async () => undefined,
  env: Readonly<Record<string, string>> = {},
) {
  let ready: Ready | undefined;
  let failure: unknown;
  const run: Run = await home.run([...flags, 'dev', '--port', '0', '-o', 'json'], {
    env,
    onOutput: (out, interrupt) => {
      if (ready || !out.endsWith('\n')) return;
      ready = JSON.parse(out) as Ready;
      void act(ready)
        .catch((error: unknown) => (failure = error))
        .finally(interrupt);
    },
  });
  if (failure) throw failure;
  return { ...run, ready };
}

describe('dev', () => {
  it('runs an engine in this folder, whose project is the current one, and stops it cleanly', async () => {
    const { code, err, ready } = await dev([], async ({ url, apiKey }) => {
      const orra = createOrraClient({ url, apiKey });
      await orra.health();
      expect(await orra.orchestrations.list()).toEqual({});
      expect((await home.run(['ps'])).code).toBe(0);
    });
    expect([code, err]).toEqual([0, '']);
    expect(ready).toMatchObject({ project: 'dev', projectId: expect.stringMatching(/^p_/) });
    expect(ready?.storage).toBe(join(home.cwd, '.orra-data', 'engine'));
    expect(existsSync(join(home.cwd, '.orra-data', 'engine'))).toBe(true);
    expect(home.config).toMatchObject({
      current_project: 'dev',
      projects: { dev: { id: ready?.projectId, cli_auth: ready?.apiKey, server_addr: ready?.url } },
    });
    await expect(createOrraClient({ url: ready?.url, apiKey: 'k' }).health()).rejects.toMatchObject({
      code: 'ORRA_UNREACHABLE',
    });
  });

  it('plans with the model that the environment names', async () => {
    const model = await FakeModel.start({ script: () => modelReply.notActionable('nobody flies') });
    const submitted = async ({ url, apiKey }: Ready): Promise<unknown> => {
      const orra = createOrraClient({ url, apiKey });
      const service = await FakeService.start({ url, apiKey, name: 'echo' });
      await service.close();
      return expect(orra.action('Fly').submit()).rejects.toThrow('nobody flies');
    };
    const { ready } = await dev([], submitted, { LLM_API_BASE_URL: model.baseUrl, LLM_MODEL: 'm-1' });
    expect([ready?.model, model.requests[0]?.model]).toEqual(['m-1', 'm-1']);
    await model.close();
  });

  it('keeps the project and its key across restarts, even if the config was lost', async () => {
    const first = await dev([]);
    const second = await dev([]);
    await home.run(['config', 'reset']);
    const third = await dev([]);
    const keys = [first, second, third].map(({ ready }) => [ready?.projectId, ready?.apiKey]);
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  });

  it('keeps the other members of the project in the config', async () => {
    await dev([], () => home.run(['api-keys', 'gen', 'prod']));
    await dev([]);
    expect(Object.keys(home.config.projects?.['dev']?.api_key ?? {})).toEqual(['prod']);
  });

  it('names the project after -p, and stores its data in --storage', async () => {
    const { ready } = await dev(['-p', 'garden', '--debug'].slice(0, 2));
    expect(ready?.project).toBe('garden');
    expect(home.config.current_project).toBe('garden');
    mkdirSync(join(home.cwd, 'elsewhere'));
    const { out } = await home.run(['dev', '--port', '0', '--storage', 'elsewhere/engine'], {
      onOutput: (text, interrupt) => text.includes('Ctrl-C') && interrupt(),
    });
    expect(existsSync(join(home.cwd, 'elsewhere', 'engine'))).toBe(true);
    expect(out).toMatch(/^● The engine is ready after \d+ ms: http:\/\/127\.0\.0\.1:\d+\n/);
    expect(out).toMatch(/export ORRA_URL=http:[^]*export ORRA_API_KEY=sk-orra-v1-[0-9a-f]{64}\n/);
    expect(out).toContain('The current project was garden: `orra projects use garden` switches back');
  });

  it('never replaces a project whose key is only in the config', async () => {
    home.config = {
      projects: { dev: { id: 'p_1', cli_auth: 'sk-of-production', server_addr: 'https://orra.example' } },
    };
    const { code, err } = await dev([]);
    expect([code, err]).toEqual([1, expect.stringContaining('orra dev -p <name>')]);
    expect(home.config.projects?.['dev']?.cli_auth).toBe('sk-of-production');
  });

  it('reports a port that is in use', async () => {
    await dev([], async ({ url }) => {
      const other = new CliHome();
      const { code, err } = await other.run(['dev', '--port', new URL(url).port]);
      other.remove();
      expect([code, err]).toEqual([1, expect.stringContaining('use a free port with --port 0')]);
    });
  });

  it('rejects an invalid port', async () => {
    const { code, err } = await home.run(['dev', '--port', '70000']);
    expect([code, err]).toEqual([1, expect.stringContaining('"70000" is not a valid port')]);
  });
});

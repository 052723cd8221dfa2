import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { closeAll, createApp, echo, startApp, startEngine, temporaryFolder } from './support/harness';

afterEach(closeAll);

describe('identity', () => {
  it('I1: the id is stored in a file, and the next start uses it', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine({ capabilities: 'go' });
    const { app } = await startApp(engine, { dataDir });
    const [{ id } = { id: undefined }] = app.health().services;
    await app.close();
    const next = await startApp(engine, { dataDir });
    expect(next.app.health().services).toMatchObject([{ name: 'echo', id, version: 2, state: 'connected' }]);
    expect(await readdir(dataDir)).toEqual(['echo.identity.json', 'echo.identity.json.lock', 'journal']);
    const text = await readFile(join(dataDir, 'echo.identity.json'), 'utf8');
    expect(text).not.toContain(engine.apiKey);
    expect((await stat(join(dataDir, 'echo.identity.json'))).mode & 0o077).toBe(0);
  });

  it('I1: an engine with identityByName needs no file', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine();
    await (await startApp(engine, { dataDir })).app.close();
    await startApp(engine, { dataDir });
    expect(await readdir(dataDir)).toEqual(['journal']);
    expect(new Set(engine.connections.map(({ serviceId }) => serviceId)).size).toBe(1);
  });

  it('I1: each engine, project and service has a separate id', async () => {
    const identity = { file: join(await temporaryFolder(), 'deep', 'ids.json') };
    const [one, two] = [await startEngine({ capabilities: 'go' }), await startEngine({ capabilities: 'go' })];
    const services = [echo(), echo(undefined, { name: 'echo-two' })];
    for (const engine of [one, two, one]) await (await startApp(engine, { identity, services })).app.close();
    await (await startApp(one, { identity, services, project: 'other' })).app.close();
    const ids = (JSON.parse(await readFile(identity.file, 'utf8')) as { services: { id: string }[] }).services;
    expect(new Set(ids.map(({ id }) => id)).size).toBe(6);
    expect(one.registrations.map(({ body }) => body.id !== undefined)).toEqual([
      ...[false, false],
      ...[true, true],
      ...[false, false],
    ]);
  });

  it.each(['', '{"version":1,', '{"id":"s_abc"}', '[]'])(
    'I1: start fails for a damaged file (%j) and names it; no second service is registered',
    async (content) => {
      const dataDir = await temporaryFolder();
      await writeFile(join(dataDir, 'echo.identity.json'), content);
      const engine = await startEngine({ capabilities: 'go' });
      const { app } = await createApp(engine, { dataDir });
      await expect(app.start()).rejects.toMatchObject({
        code: 'ORRA_IDENTITY_DAMAGED',
        message: expect.stringContaining(join(dataDir, 'echo.identity.json')) as string,
      });
      expect(engine.registrations).toEqual([]);
    },
  );

  it('I1: start fails if the id cannot be saved', async () => {
    const dataDir = await temporaryFolder();
    const file = join(dataDir, 'ids.json');
    await mkdir(join(dataDir, `ids.json.${process.pid}.tmp`));
    const engine = await startEngine({ capabilities: 'go' });
    const { app } = await createApp(engine, { identity: { file } });
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_IDENTITY_WRITE_FAILED',
      message: expect.stringMatching(/identity.*ORRA_DATA_DIR/) as string,
    });
  });

  it('I1: a second running process with the same identity is detected, an ended one is ignored', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine({ capabilities: 'go' });
    await (await startApp(engine, { dataDir })).app.close();
    const lock = join(dataDir, 'echo.identity.json.lock');
    await writeFile(lock, JSON.stringify({ pid: process.ppid, host: hostname() }));
    const { app } = await createApp(engine, { dataDir });
    await expect(app.start()).rejects.toMatchObject({
      code: 'ORRA_IDENTITY_IN_USE',
      message: expect.stringMatching(new RegExp(`process ${process.ppid}.*ORRA_SERVICE_ID`)) as string,
    });
    await writeFile(lock, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    await startApp(engine, { dataDir });
  });

  it('load and save of the application replace the files', async () => {
    const engine = await startEngine({ capabilities: 'go' });
    const saved = new Map<string, string>();
    const identity = {
      load: (service: string) => saved.get(service),
      save: (service: string, id: string) => void saved.set(service, id),
    };
    await (await startApp(engine, { identity })).app.close();
    await startApp(engine, { identity });
    expect(engine.registrations[1]?.body.id).toBe(saved.get('echo'));
  });

  describe('load and save of the application', () => {
    const recordingStore = (ids: Record<string, string> = {}) => {
      const calls: string[] = [];
      const identity = {
        load: (service: string) => {
          calls.push(`load ${service}`);
          return ids[service];
        },
        save: (service: string, id: string) => {
          calls.push(`save ${service} ${id}`);
          ids[service] = id;
        },
      };
      return { identity, calls };
    };

    it('I1: load returns the id, and save is called only if the engine assigns another id', async () => {
      const engine = await startEngine({ capabilities: 'go' });
      const { identity, calls } = recordingStore({ echo: 's_of_another_engine' });
      const { app } = await startApp(engine, { identity });
      const id = app.health().services[0]?.id;
      await app.close();
      await startApp(engine, { identity });
      expect(calls).toEqual(['load echo', `save echo ${id}`, 'load echo']);
      expect(engine.registrations.at(-1)?.body.id).toBe(id);
    });

    it('I1: load is not called where names identify services, and save receives the id', async () => {
      const engine = await startEngine();
      const { identity, calls } = recordingStore({ echo: 's_of_another_engine' });
      const { app } = await startApp(engine, { identity });
      expect(calls).toEqual([`save echo ${app.health().services[0]?.id}`]);
      expect(engine.registrations.map(({ body }) => body.id)).toEqual([undefined]);
    });

    it('I1: load is not called before the engine can be reached, and start does not fail meanwhile', async () => {
      const engine = await startEngine();
      await engine.close();
      const { identity, calls } = recordingStore();
      const { app, log } = await createApp(engine, { identity });
      const started = app.start().catch((error: unknown) => error);
      while (!log.text.includes('cannot be reached')) await new Promise(setImmediate);
      expect(calls).toEqual([]);
      await app.close();
      expect(await started).toMatchObject({ code: 'ORRA_APP_CLOSED' });
    });
  });

  it('I1: a stored id of another engine at this URL is neither used nor locked where names identify services', async () => {
    const dataDir = await temporaryFolder();
    const engine = await startEngine();
    const entry = {
      engine: engine.url,
      project: `key-${createHash('sha256').update(engine.apiKey).digest('hex').slice(0, 16)}`,
      service: 'echo',
      id: 's_of_another_engine',
    };
    await writeFile(join(dataDir, 'echo.identity.json'), JSON.stringify({ version: 1, services: [entry] }));
    await startApp(engine, { dataDir });
    expect(engine.registrations.map(({ body }) => body.id)).toEqual([undefined]);
    expect(await readdir(dataDir)).toEqual(['echo.identity.json', 'journal']);
  });

  it.each([
    ['where ids identify services', 'go' as const, true],
    ['not where names do', undefined, false],
  ])('I1: the option `identity.file` is written %s', async (_where, capabilities, isWritten) => {
    const file = join(await temporaryFolder(), 'ids.json');
    const engine = await startEngine(capabilities && { capabilities });
    await startApp(engine, { identity: { file } });
    expect(existsSync(file)).toBe(isWritten);
  });

  describe('ORRA_SERVICE_ID', () => {
    afterEach(() => {
      delete process.env['ORRA_SERVICE_ID'];
    });

    it('sets the id', async () => {
      const engine = await startEngine({ capabilities: 'go' });
      const { app } = await startApp(engine);
      const id = app.health().services[0]?.id as string;
      process.env['ORRA_SERVICE_ID'] = id;
      const other = await startApp(engine);
      expect(other.app.health().services[0]).toMatchObject({ id, version: 2 });
    });

    it('is refused for an app with several services', async () => {
      process.env['ORRA_SERVICE_ID'] = 's_abc';
      const engine = await startEngine();
      const services = [echo(), echo(undefined, { name: 'echo-two' })];
      await expect(createApp(engine, { services })).rejects.toMatchObject({
        code: 'ORRA_INVALID_OPTION',
        message: expect.stringMatching(/ORRA_SERVICE_ID.*has 2/) as string,
      });
    });
  });
});

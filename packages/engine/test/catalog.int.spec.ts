import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProjectId, ServiceId } from '@orra-ts/protocol';
import type { Project, RegisteredService, StoredPlan } from '../src/catalog/catalog';
import { SqliteCatalog } from '../src/catalog/sqlite-catalog';
import { openDatabase } from '../src/storage/open-database';
import type { SqlDatabase } from '../src/storage/sql-driver';

const SHOP = 'p_shop' as ProjectId;
const OTHER = 'p_other' as ProjectId;

const project = (id: ProjectId): Project => ({
  id,
  name: `Project ${id}`,
  webhooks: ['https://example.com/hook'],
  compensationFailureWebhooks: [],
  settings: { groundings: 'guide' },
  createdAt: 1,
  updatedAt: 2,
});

const service = (id: string, changes: Partial<RegisteredService> = {}): RegisteredService => ({
  id: id as ServiceId,
  projectId: SHOP,
  kind: 'service',
  name: `name-of-${id}`,
  description: 'Does "things"\nwith text',
  schema: { input: { type: 'object', properties: {} }, output: { type: 'object', properties: {} } },
  revertible: true,
  version: 1,
  capabilities: ['task-meta'],
  createdAt: 10,
  updatedAt: 10,
  ...changes,
});

const plan = (name: string, version: number, changes: Partial<StoredPlan> = {}): StoredPlan => ({
  name,
  action: `Do ${name} version ${version}`,
  input: {},
  plan: { tasks: [] },
  projectId: SHOP,
  version,
  createdAt: version,
  ...changes,
});

describe('SqliteCatalog', () => {
  let folder: string;
  let database: SqlDatabase;
  let catalog: SqliteCatalog;
  const open = (): void => {
    database = openDatabase({ storage: folder });
    catalog = new SqliteCatalog(database);
  };
  const beforeAndAfterRestart = (check: () => void): void => {
    check();
    database.close();
    open();
    check();
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orra-catalog-'));
    open();
    await catalog.addProject(project(SHOP), ['key-1', 'key-2']);
    await catalog.addProject(project(OTHER), ['key-other']);
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('projects and keys', () => {
    it('are found by id and by every one of their keys', async () => {
      await catalog.addApiKey(SHOP, 'key-3');
      beforeAndAfterRestart(() => {
        expect(catalog.project(SHOP)).toEqual(project(SHOP));
        for (const key of ['key-1', 'key-2', 'key-3']) expect(catalog.projectByKey(key)?.id).toBe(SHOP);
        expect(catalog.projectByKey('key-other')?.id).toBe(OTHER);
        for (const key of ['', 'key', 'key-1 ', 'KEY-1']) expect(catalog.projectByKey(key)).toBeUndefined();
        expect(catalog.project('p_nobody' as ProjectId)).toBeUndefined();
      });
    });

    it('have no key in the database file', () => {
      database.close();
      const bytes = readFileSync(join(folder, 'engine.db')).toString('latin1');
      expect(bytes).toContain('Project p_shop');
      for (const key of ['key-1', 'key-2', 'key-other']) expect(bytes).not.toContain(key);
      open();
    });

    it('do not share a key: neither a new project nor an old one gets it, and nothing of them is stored', async () => {
      const third = 'p_third' as ProjectId;
      const refused = { code: 'ORRA_API_KEY_TAKEN', message: expect.not.stringContaining('key-1') };
      await expect(catalog.addProject(project(third), ['fresh', 'key-1'])).rejects.toMatchObject(refused);
      await expect(catalog.addApiKey(OTHER, 'key-1')).rejects.toMatchObject(refused);
      beforeAndAfterRestart(() => {
        expect(catalog.project(third)).toBeUndefined();
        expect(catalog.projectByKey('fresh')).toBeUndefined();
        expect(catalog.projectByKey('key-1')?.id).toBe(SHOP);
      });
    });

    it('take a key twice, and one id once', async () => {
      await catalog.addApiKey(SHOP, 'key-1');
      await expect(catalog.addProject(project(SHOP), [])).rejects.toMatchObject({ code: 'ORRA_PROJECT_EXISTS' });
    });
  });

  describe('services', () => {
    it('are found by id within their project, sorted by id', async () => {
      for (const id of ['s_b', 's_c', 's_a']) await catalog.putService(service(id));
      await catalog.putService(service('s_d', { projectId: OTHER }));
      beforeAndAfterRestart(() => {
        expect(catalog.service(SHOP, 's_b')).toEqual(service('s_b'));
        expect(catalog.service(OTHER, 's_b')).toBeUndefined();
        expect(catalog.service(SHOP, 's_nobody')).toBeUndefined();
        expect(catalog.services(SHOP).map(({ id }) => id)).toEqual(['s_a', 's_b', 's_c']);
        expect(catalog.services(OTHER).map(({ id }) => id)).toEqual(['s_d']);
        expect(catalog.services('p_nobody' as ProjectId)).toEqual([]);
      });
    });

    it('of one name come newest registration first, also when the clock stood still', async () => {
      await catalog.putService(service('s_1', { name: 'stock', updatedAt: 50 }));
      await catalog.putService(service('s_2', { name: 'stock', updatedAt: 50 }));
      await catalog.putService(service('s_3', { name: 'stock', updatedAt: 20 }));
      const ids = (): string[] => catalog.servicesByName(SHOP, 'stock').map(({ id }) => id);
      expect(ids()).toEqual(['s_2', 's_1', 's_3']);
      await catalog.putService(service('s_1', { name: 'stock', updatedAt: 50, version: 2 }));
      beforeAndAfterRestart(() => {
        expect(ids()).toEqual(['s_1', 's_2', 's_3']);
        expect(catalog.servicesByName(OTHER, 'stock')).toEqual([]);
      });
      await catalog.putService(service('s_3', { name: 'stock', updatedAt: 50 }));
      beforeAndAfterRestart(() => expect(ids()).toEqual(['s_3', 's_1', 's_2']));
    });

    it('are replaced by id, under their new name', async () => {
      await catalog.putService(service('s_1', { name: 'old-name' }));
      expect(catalog.servicesByName(SHOP, 'old-name')).toHaveLength(1);
      expect(catalog.servicesByName(SHOP, 'new-name')).toHaveLength(0);
      await catalog.putService(service('s_1', { name: 'new-name', version: 2, timeoutMs: 500 }));
      beforeAndAfterRestart(() => {
        expect(catalog.servicesByName(SHOP, 'old-name')).toEqual([]);
        expect(catalog.servicesByName(SHOP, 'new-name')).toEqual([catalog.service(SHOP, 's_1')]);
        expect(catalog.service(SHOP, 's_1')).toMatchObject({ version: 2, timeoutMs: 500 });
        expect(catalog.services(SHOP)).toHaveLength(1);
      });
    });

    it('do not move to another project, nor into one that is not there', async () => {
      await catalog.putService(service('s_1'));
      await expect(catalog.putService(service('s_1', { projectId: OTHER }))).rejects.toMatchObject({
        code: 'ORRA_SERVICE_TAKEN',
      });
      await expect(catalog.putService(service('s_2', { projectId: 'p_nobody' as ProjectId }))).rejects.toMatchObject({
        code: 'ORRA_UNKNOWN_PROJECT',
      });
      beforeAndAfterRestart(() => {
        expect(catalog.service(SHOP, 's_1')).toBeDefined();
        expect(catalog.service(OTHER, 's_1')).toBeUndefined();
      });
    });
  });

  describe('plans', () => {
    const bodies = (): unknown => database.prepare('SELECT name, version, body FROM plans').all();
    const versions = (name: string, before = 100, limit = 100): number[] =>
      catalog.planVersions(SHOP, name, { before, limit }).map(({ version }) => version);
    const SCHEMA = { input: { type: 'object' }, output: { type: 'object' } } as const;

    it('are the newest version of every name, sorted by name; older ones stay readable', async () => {
      for (const one of [plan('ship', 1), plan('refund', 1), plan('ship', 2), plan('ship', 3)]) {
        await catalog.addPlan(one);
      }
      await catalog.addPlan(plan('ship', 9, { projectId: OTHER }));
      beforeAndAfterRestart(() => {
        expect(catalog.plans(SHOP)).toEqual([plan('refund', 1), plan('ship', 3)]);
        expect(catalog.plans(OTHER)).toEqual([plan('ship', 9, { projectId: OTHER })]);
        expect(catalog.newestPlan(SHOP, 'ship')).toEqual(plan('ship', 3));
        expect(catalog.planVersions(SHOP, 'ship', { before: 3, limit: 1 })).toEqual([plan('ship', 2)]);
        expect([versions('ship'), versions('refund'), versions('other')]).toEqual([[3, 2, 1], [1], []]);
        expect([catalog.planCount(SHOP), catalog.planCount(OTHER)]).toEqual([2, 1]);
      });
    });

    it('never change: a version that is there is not written again', async () => {
      await catalog.addPlan(plan('ship', 1));
      await catalog.addPlan(plan('ship', 2));
      const before = bodies();
      for (const version of [1, 2]) {
        await expect(catalog.addPlan(plan('ship', version, { action: 'Other' }))).rejects.toMatchObject({
          code: 'ORRA_PLAN_VERSION_EXISTS',
          message: expect.stringContaining('add version 3'),
        });
      }
      beforeAndAfterRestart(() => {
        expect(bodies()).toEqual(before);
        expect(catalog.plans(SHOP)).toEqual([plan('ship', 2)]);
      });
    });

    it('keep the first schema they saw of a service', async () => {
      await catalog.addPlan(plan('ship', 1, { pinned: { stock: SCHEMA } }));
      const other = { ...SCHEMA, output: { type: 'object', required: ['x'] } } as const;
      await catalog.pinServices(SHOP, 'ship', { stock: other, bank: other });
      beforeAndAfterRestart(() => {
        expect(catalog.plans(SHOP)).toEqual([plan('ship', 1, { pinned: { stock: SCHEMA, bank: other } })]);
      });
      await catalog.addPlan(plan('ship', 2, { pinned: { stock: other } }));
      beforeAndAfterRestart(() => {
        expect(catalog.plans(SHOP)).toEqual([plan('ship', 2, { pinned: { stock: other } })]);
      });
    });

    it('that are retired are listed no longer, until there is a version after that', async () => {
      await catalog.addPlan(plan('ship', 1));
      await catalog.retirePlan(SHOP, 'ship', 77);
      await catalog.retirePlan(SHOP, 'ship', 78);
      await catalog.retirePlan(SHOP, 'nobody', 78);
      beforeAndAfterRestart(() => {
        expect(catalog.plans(SHOP)).toEqual([]);
        expect(catalog.newestPlan(SHOP, 'ship')).toEqual(plan('ship', 1, { retiredAt: 77 }));
        expect([versions('ship'), catalog.planCount(SHOP)]).toEqual([[1], 1]);
      });
      await catalog.addPlan(plan('ship', 2));
      beforeAndAfterRestart(() => {
        expect(catalog.plans(SHOP)).toEqual([plan('ship', 2)]);
        expect(catalog.planVersions(SHOP, 'ship', { before: 9, limit: 9 })).toEqual([
          plan('ship', 2),
          plan('ship', 1, { retiredAt: 77 }),
        ]);
      });
    });
  });

  it('changes nothing in memory when a change could not be stored', async () => {
    const failed = { code: 'ORRA_CATALOG_WRITE_FAILED' };
    database.exec('PRAGMA query_only = ON');
    await expect(catalog.addProject(project('p_3' as ProjectId), ['k'])).rejects.toMatchObject(failed);
    await expect(catalog.addApiKey(SHOP, 'k')).rejects.toMatchObject(failed);
    await expect(catalog.putService(service('s_1'))).rejects.toMatchObject(failed);
    await expect(catalog.addPlan(plan('ship', 1))).rejects.toMatchObject(failed);
    database.exec('PRAGMA query_only = OFF');
    expect(catalog.projectByKey('k')).toBeUndefined();
    expect(catalog.services(SHOP)).toEqual([]);
    expect(catalog.plans(SHOP)).toEqual([]);
    await catalog.putService(service('s_1'));
    beforeAndAfterRestart(() => expect(catalog.services(SHOP)).toHaveLength(1));
  });
});

/**
 * The catalog on SQLite. It is read into memory at the start, and every change is written before memory changes. It is
 * small (thousands of entries), and every request and every plan reads it. Every change may also fail with
 * `ORRA_CATALOG_WRITE_FAILED`; then nothing has changed.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { describeThrown } from '@orra-ts/common';
import { DEFAULT_PROJECT_SETTINGS, type ProjectId, type ServiceId } from '@orra-ts/protocol';
import { engineError } from '../errors';
import type { SqlDatabase, SqlStatement, SqlValue } from '../storage/sql-driver';
import type { PinnedServices } from '../domain/plan/plan-compatibility';
import type { Catalog, Project, RegisteredService, StoredGrounding, StoredPlan, StoredWebhook } from './catalog';
import { PlanTable } from './plan-table';
import { ProjectIndex } from './project-index';
import type { WebhookKind, WebhookTarget } from '../domain/orchestration/webhooks';

interface StoredKey {
  readonly hash: Buffer;
  readonly projectId: ProjectId;
}

export class SqliteCatalog implements Catalog {
  private readonly projects = new Map<string, ProjectIndex>();
  /** By hash in hexadecimal digits. */
  private readonly keys = new Map<string, StoredKey>();
  private readonly projectOfService = new Map<ServiceId, ProjectId>();
  private lastRevision = 0;
  private readonly insertProject: SqlStatement;
  private readonly replaceProject: SqlStatement;
  private readonly insertKey: SqlStatement;
  private readonly upsertService: SqlStatement;
  private readonly insertWebhook: SqlStatement;
  private readonly upsertGrounding: SqlStatement;
  private readonly deleteGrounding: SqlStatement;
  private readonly deleteGroundings: SqlStatement;
  private readonly planTable: PlanTable;

  /** Reads everything. The owner of the database closes it. */
  constructor(private readonly database: SqlDatabase) {
    this.insertProject = database.prepare('INSERT INTO projects (id, body) VALUES (?, ?)');
    this.replaceProject = database.prepare('UPDATE projects SET body = ? WHERE id = ?');
    this.insertKey = database.prepare('INSERT INTO api_keys (hash, project_id) VALUES (?, ?)');
    this.upsertService = database.prepare(
      `INSERT INTO services (id, project_id, revision, body) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, body = excluded.body`,
    );
    this.insertWebhook = database.prepare('INSERT INTO webhooks (id, project_id, body) VALUES (?, ?, ?)');
    this.upsertGrounding = database.prepare(
      `INSERT INTO groundings (project_id, name, body) VALUES (?, ?, ?)
       ON CONFLICT (project_id, name) DO UPDATE SET body = excluded.body`,
    );
    this.deleteGrounding = database.prepare('DELETE FROM groundings WHERE project_id = ? AND name = ?');
    this.deleteGroundings = database.prepare('DELETE FROM groundings WHERE project_id = ?');
    this.planTable = new PlanTable(database);
    this.read();
  }

  project(id: ProjectId): Project | undefined {
    return this.projects.get(id)?.project;
  }

  projectByKey(apiKey: string): Project | undefined {
    const { hash, hex } = hashKey(apiKey);
    const stored = this.keys.get(hex);
    // The map is keyed by hashes, so its timing reveals nothing about keys; the comparison makes sure of it.
    return stored && timingSafeEqual(stored.hash, hash) ? this.project(stored.projectId) : undefined;
  }

  /**
   * @throws OrraError `ORRA_PROJECT_EXISTS` when the id is taken, `ORRA_API_KEY_TAKEN` when a key belongs to another
   *   project
   */
  async addProject(project: Project, apiKeys: readonly string[]): Promise<void> {
    if (this.projects.has(project.id)) {
      throw engineError('ORRA_PROJECT_EXISTS', `the project ${project.id} already exists; choose another id`);
    }
    const keys = this.newKeys(project.id, apiKeys);
    this.store(() => {
      this.insertProject.run(project.id, JSON.stringify(project));
      for (const [hex] of keys) this.insertKey.run(hex, project.id);
    });
    this.projects.set(project.id, new ProjectIndex(project));
    for (const [hex, key] of keys) this.keys.set(hex, key);
    return Promise.resolve();
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT` */
  async updateProject(project: Project): Promise<void> {
    const index = this.index(project.id);
    this.store(() => {
      this.replaceProject.run(JSON.stringify(project), project.id);
    });
    index.project = project;
    return Promise.resolve();
  }

  /** A key that the project already has is not an error. @throws OrraError `ORRA_UNKNOWN_PROJECT`, `ORRA_API_KEY_TAKEN` */
  async addApiKey(projectId: ProjectId, apiKey: string): Promise<void> {
    this.index(projectId);
    const keys = this.newKeys(projectId, [apiKey]);
    this.store(() => {
      for (const [hex] of keys) this.insertKey.run(hex, projectId);
    });
    for (const [hex, key] of keys) this.keys.set(hex, key);
    return Promise.resolve();
  }

  keyCount(projectId: ProjectId): number {
    let count = 0;
    for (const key of this.keys.values()) if (key.projectId === projectId) count++;
    return count;
  }

  webhooks(projectId: ProjectId, kind: WebhookKind): readonly WebhookTarget[] {
    return this.projects.get(projectId)?.webhooks(kind) ?? [];
  }

  webhook(projectId: ProjectId, id: string): StoredWebhook | undefined {
    return this.projects.get(projectId)?.webhook(id);
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT` */
  async addWebhook(webhook: StoredWebhook): Promise<void> {
    const index = this.index(webhook.projectId);
    this.store(() => {
      this.insertWebhook.run(webhook.id, webhook.projectId, JSON.stringify(webhook));
    });
    index.addWebhook(webhook);
    return Promise.resolve();
  }

  groundings(projectId: ProjectId): readonly StoredGrounding[] {
    return this.projects.get(projectId)?.groundings() ?? [];
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT` */
  async putGrounding(grounding: StoredGrounding): Promise<void> {
    const index = this.index(grounding.projectId);
    this.store(() => {
      this.upsertGrounding.run(grounding.projectId, grounding.name, JSON.stringify(grounding));
    });
    index.putGrounding(grounding);
    return Promise.resolve();
  }

  /** A missing grounding is not an error. @throws OrraError `ORRA_UNKNOWN_PROJECT` */
  async removeGroundings(projectId: ProjectId, name?: string): Promise<void> {
    const index = this.index(projectId);
    this.store(() => {
      if (name === undefined) this.deleteGroundings.run(projectId);
      else this.deleteGrounding.run(projectId, name);
    });
    index.removeGroundings(name);
    return Promise.resolve();
  }

  service(projectId: ProjectId, id: string): RegisteredService | undefined {
    return this.projects.get(projectId)?.service(id);
  }

  services(projectId: ProjectId): readonly RegisteredService[] {
    return this.projects.get(projectId)?.services() ?? [];
  }

  serviceCount(projectId: ProjectId): number {
    return this.projects.get(projectId)?.serviceCount ?? 0;
  }

  servicesByName(projectId: ProjectId, name: string): readonly RegisteredService[] {
    return this.projects.get(projectId)?.servicesByName(name) ?? [];
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT`, or `ORRA_SERVICE_TAKEN` when the id belongs to a service of another project */
  async putService(service: RegisteredService): Promise<void> {
    const index = this.index(service.projectId);
    const owner = this.projectOfService.get(service.id);
    if (owner !== undefined && owner !== service.projectId) {
      throw engineError(
        'ORRA_SERVICE_TAKEN',
        `service ${service.id} belongs to another project; register "${service.name}" without an id to get a new one`,
        { details: { serviceId: service.id } },
      );
    }
    const revision = this.lastRevision + 1;
    this.store(() => {
      this.upsertService.run(service.id, service.projectId, revision, JSON.stringify(service));
    });
    this.lastRevision = revision;
    this.projectOfService.set(service.id, service.projectId);
    index.putService(service, revision);
    return Promise.resolve();
  }

  plans(projectId: ProjectId): readonly StoredPlan[] {
    return this.projects.get(projectId)?.plans() ?? [];
  }

  newestPlan(projectId: ProjectId, name: string): StoredPlan | undefined {
    return this.projects.get(projectId)?.newestPlan(name);
  }

  planCount(projectId: ProjectId): number {
    return this.projects.get(projectId)?.planCount ?? 0;
  }

  planVersions(
    projectId: ProjectId,
    name: string,
    { before, limit }: { readonly before: number; readonly limit: number },
  ): readonly StoredPlan[] {
    return this.planTable.versions(projectId, name, before, limit);
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT`, or `ORRA_PLAN_VERSION_EXISTS` */
  async addPlan(plan: StoredPlan): Promise<void> {
    const index = this.index(plan.projectId);
    const { name, version } = plan;
    const newest = index.newestPlan(name)?.version ?? 0;
    if (version <= newest) {
      throw engineError(
        'ORRA_PLAN_VERSION_EXISTS',
        `the plan "${name}" already has version ${newest}, and a version never changes; add version ${newest + 1}`,
        { details: { name, version, newest } },
      );
    }
    this.store(() => this.planTable.add(plan));
    index.putPlan(plan);
    return Promise.resolve();
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT` */
  async pinServices(projectId: ProjectId, name: string, pinned: PinnedServices): Promise<void> {
    const index = this.index(projectId);
    const newest = index.newestPlan(name);
    const added = Object.fromEntries(
      Object.entries(pinned).filter(([service]) => !Object.hasOwn(newest?.pinned ?? {}, service)),
    );
    if (!newest || Object.keys(added).length === 0) return;
    this.store(() => this.planTable.pin(newest, added));
    index.putPlan({ ...newest, pinned: { ...newest.pinned, ...added } });
    return Promise.resolve();
  }

  /** @throws OrraError `ORRA_UNKNOWN_PROJECT` */
  async retirePlan(projectId: ProjectId, name: string, at: number): Promise<void> {
    const index = this.index(projectId);
    const newest = index.newestPlan(name);
    if (!newest || newest.retiredAt !== undefined) return;
    this.store(() => this.planTable.retire(newest, at));
    index.putPlan({ ...newest, retiredAt: at });
    return Promise.resolve();
  }

  private store(work: () => void): void {
    try {
      this.database.transaction(work);
    } catch (cause) {
      throw engineError(
        'ORRA_CATALOG_WRITE_FAILED',
        `the registration could not be stored: ${describeThrown(cause)}; check that the disk of the storage folder ` +
          `(option \`storage\`, environment variable STORAGE_PATH) has space and works`,
        { cause },
      );
    }
  }

  private index(projectId: ProjectId): ProjectIndex {
    const index = this.projects.get(projectId);
    if (index) return index;
    throw engineError('ORRA_UNKNOWN_PROJECT', `the project ${projectId} does not exist; register it first`, {
      details: { projectId },
    });
  }

  /** The keys that the project does not have yet, by hash. */
  private newKeys(projectId: ProjectId, apiKeys: readonly string[]): ReadonlyMap<string, StoredKey> {
    const keys = new Map<string, StoredKey>();
    for (const apiKey of apiKeys) {
      const { hash, hex } = hashKey(apiKey);
      const owner = this.keys.get(hex)?.projectId;
      if (owner === undefined) keys.set(hex, { hash, projectId });
      else if (owner !== projectId) {
        throw engineError('ORRA_API_KEY_TAKEN', 'this API key belongs to another project; choose another key');
      }
    }
    return keys;
  }

  private read(): void {
    const bodies = <T>(sql: string, ...parameters: SqlValue[]): T[] =>
      this.database
        .prepare(sql)
        .all(...parameters)
        .map((row) => JSON.parse(row.body as string) as T);
    for (const project of bodies<Project>('SELECT body FROM projects')) {
      // The first stored projects have no settings, and later settings have more members.
      const settings = { ...DEFAULT_PROJECT_SETTINGS, ...(project.settings as Project['settings'] | undefined) };
      this.projects.set(project.id, new ProjectIndex({ ...project, settings }));
    }
    for (const row of this.database.prepare('SELECT hash, project_id FROM api_keys').all()) {
      const hex = row.hash as string;
      this.keys.set(hex, { hash: Buffer.from(hex, 'hex'), projectId: row.project_id as ProjectId });
    }
    for (const row of this.database.prepare('SELECT revision, body FROM services').all()) {
      const service = JSON.parse(row.body as string) as RegisteredService;
      this.projectOfService.set(service.id, service.projectId);
      this.index(service.projectId).putService(service, row.revision as number);
      this.lastRevision = Math.max(this.lastRevision, row.revision as number);
    }
    for (const webhook of bodies<StoredWebhook>('SELECT body FROM webhooks ORDER BY number')) {
      this.index(webhook.projectId).addWebhook(webhook);
    }
    for (const grounding of bodies<StoredGrounding>('SELECT body FROM groundings')) {
      this.index(grounding.projectId).putGrounding(grounding);
    }
    for (const plan of this.planTable.newest()) this.index(plan.projectId).putPlan(plan);
  }
}

function hashKey(apiKey: string): { readonly hash: Buffer; readonly hex: string } {
  const digest = hash('sha256', apiKey, 'buffer');
  return { hash: digest, hex: digest.toString('hex') };
}

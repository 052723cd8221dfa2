/**
 * Versions of defined plans in SQLite. Rows are only added: a version, the schemas that it pinned, and the removal of a
 * name.
 */
import type { ProjectId, ServiceSchema } from '@orra-ts/protocol';
import type { PinnedServices } from '../domain/plan/plan-compatibility';
import type { SqlDatabase, SqlRow, SqlStatement } from '../storage/sql-driver';
import type { StoredPlan } from './catalog';

type VersionKey = Pick<StoredPlan, 'projectId' | 'name' | 'version'>;

export class PlanTable {
  private readonly insertPlan: SqlStatement;
  private readonly insertPin: SqlStatement;
  private readonly insertRetirement: SqlStatement;
  private readonly selectVersions: SqlStatement;

  constructor(private readonly database: SqlDatabase) {
    this.insertPlan = database.prepare('INSERT INTO plans (project_id, name, version, body) VALUES (?, ?, ?, ?)');
    this.insertPin = database.prepare(
      'INSERT INTO plan_pins (project_id, name, version, service, schema) VALUES (?, ?, ?, ?, ?)',
    );
    this.insertRetirement = database.prepare(
      'INSERT INTO plan_retirements (project_id, name, version, at) VALUES (?, ?, ?, ?)',
    );
    this.selectVersions = database.prepare(
      `SELECT body, at FROM plans LEFT JOIN plan_retirements USING (project_id, name, version)
       WHERE project_id = ? AND name = ? AND version < ? ORDER BY version DESC LIMIT ?`,
    );
  }

  /** Must run within a transaction. */
  add({ pinned = {}, ...plan }: StoredPlan): void {
    this.insertPlan.run(plan.projectId, plan.name, plan.version, JSON.stringify(plan));
    this.pin(plan, pinned);
  }

  /** Must run within a transaction. */
  pin({ projectId, name, version }: VersionKey, pinned: PinnedServices): void {
    for (const [service, schema] of Object.entries(pinned)) {
      this.insertPin.run(projectId, name, version, service, JSON.stringify(schema));
    }
  }

  retire({ projectId, name, version }: VersionKey, at: number): void {
    this.insertRetirement.run(projectId, name, version, at);
  }

  /** Newest first, without pinned schemas. */
  versions(projectId: ProjectId, name: string, before: number, limit: number): StoredPlan[] {
    return this.selectVersions.all(projectId, name, before, limit).map(planOf);
  }

  /** The newest version of every name of every project. */
  newest(): StoredPlan[] {
    const newest = '(SELECT project_id, name, max(version) AS version FROM plans GROUP BY project_id, name)';
    const pins = new Map<string, Record<string, ServiceSchema>>();
    for (const { project_id, name, version, service, schema } of this.database
      .prepare(`SELECT * FROM plan_pins JOIN ${newest} USING (project_id, name, version)`)
      .all()) {
      const key = JSON.stringify([project_id, name, version]);
      const pinned = pins.get(key) ?? {};
      pins.set(key, { ...pinned, [service as string]: JSON.parse(schema as string) as ServiceSchema });
    }
    return this.database
      .prepare(
        `SELECT body, at FROM plans JOIN ${newest} USING (project_id, name, version)
         LEFT JOIN plan_retirements USING (project_id, name, version)`,
      )
      .all()
      .map(planOf)
      .map((plan) => {
        const pinned = pins.get(JSON.stringify([plan.projectId, plan.name, plan.version]));
        return pinned ? { ...plan, pinned } : plan;
      });
  }
}

function planOf({ body, at }: SqlRow): StoredPlan {
  const plan = JSON.parse(body as string) as StoredPlan;
  return typeof at === 'number' ? { ...plan, retiredAt: at } : plan;
}

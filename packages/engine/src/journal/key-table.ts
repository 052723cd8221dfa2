/** The rows of `late_keys`: from a service and an idempotency key to the orchestration that the key belongs to (E10). */
import type { OrchestrationId } from '@orra-ts/protocol';
import type { SqlDatabase, SqlStatement } from '../storage/sql-driver';
import type { FoundKey, StoredKey } from './journal';

/** Maximum keys that one call forgets: it blocks the process meanwhile (E8). */
const FORGET_AT_ONCE = 1_000;

export class KeyTable {
  private readonly upsert: SqlStatement;
  private readonly byKey: SqlStatement;
  private readonly forgetOld: SqlStatement;

  constructor(database: SqlDatabase) {
    this.upsert = database.prepare(
      `INSERT INTO late_keys (service_id, key, orchestration_id, keep_until, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (service_id, key) DO UPDATE
       SET orchestration_id = excluded.orchestration_id, keep_until = excluded.keep_until, body = excluded.body`,
    );
    this.byKey = database.prepare('SELECT orchestration_id, body FROM late_keys WHERE service_id = ? AND key = ?');
    this.forgetOld = database.prepare(
      `DELETE FROM late_keys WHERE rowid IN (
         SELECT rowid FROM late_keys
         WHERE keep_until < ? AND NOT EXISTS (
           SELECT 1 FROM compensation_failures AS record
           WHERE record.orchestration_id = late_keys.orchestration_id AND record.resolution_state = 'pending'
         )
         LIMIT ${FORGET_AT_ONCE}
       )`,
    );
  }

  put(orchestrationId: string, stored: StoredKey): void {
    this.upsert.run(stored.serviceId, stored.key, orchestrationId, stored.keepUntil, JSON.stringify(stored));
  }

  find(serviceId: string, key: string): FoundKey | undefined {
    // A key from a message may contain any character; one with a NUL character was never stored.
    if (serviceId.includes('\0') || key.includes('\0')) return undefined;
    const row = this.byKey.get(serviceId, key);
    if (!row) return undefined;
    const orchestrationId = row.orchestration_id as OrchestrationId;
    return { ...(JSON.parse(row.body as string) as StoredKey), orchestrationId };
  }

  /** Returns how many it has removed. */
  forgetBefore(time: number): number {
    return this.forgetOld.run(time);
  }
}

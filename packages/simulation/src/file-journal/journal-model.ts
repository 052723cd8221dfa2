/** What a file journal must know after a restart, whatever its disk did. */

const HOUR_MS = 3_600_000;
/** The mark of a begun key is kept for this long. */
const BEGUN_MS = 7 * 24 * HOUR_MS;

interface KeyModel {
  /** Bodies of all outcomes that were passed to `settle`, oldest first. */
  readonly outcomes: string[];
  /** Number of those that the disk is known to have: `settle` has resolved. */
  safe: number;
  acknowledged: boolean;
  /** Time of the begin, or of the fence. */
  changedAt: number;
  /** The operating system has the mark of its begin: it survives a kill. */
  isBegun: boolean;
  /** The disk is known to have its fence. */
  isFenced: boolean;
  /** Damage hit its lines: it may be lost. */
  isDamaged: boolean;
}

/** The part of a record that the model checks. */
export interface FoundRecord {
  readonly outcome: { readonly body: string } | undefined;
  readonly fence: unknown;
}

export class JournalModel {
  private readonly keys = new Map<string, KeyModel>();
  /** What only memory has: called when it is stored after all. */
  private unsaved: (() => void)[] = [];

  /** With the next attempt, the outcomes of earlier ones no longer count. Returns a function to call when it resolves. */
  begin(key: string, at: number): () => void {
    const { outcomes = [], isDamaged = false } = this.keys.get(key) ?? {};
    const model: KeyModel = {
      outcomes,
      safe: 0,
      acknowledged: false,
      changedAt: at,
      isBegun: false,
      isFenced: false,
      isDamaged,
    };
    this.keys.set(key, model);
    return () => void (model.isBegun = true);
  }

  /** Returns a function to call when `settle` resolves. */
  settle(key: string, body: string): () => void {
    const model = this.keys.get(key) as KeyModel;
    const position = model.outcomes.push(body);
    return () => void (model.safe = Math.max(model.safe, position));
  }

  /** Returns a function to call when `fence` resolves. */
  fence(key: string, at: number): () => void {
    const model = this.keys.get(key) as KeyModel;
    model.changedAt = at;
    return () => void (model.isFenced = true);
  }

  acknowledge(key: string): void {
    const model = this.keys.get(key);
    if (model) model.acknowledged = true;
  }

  /** `settle` or `fence` was rejected. */
  rejected(safe: () => void): void {
    this.unsaved.push(safe);
  }

  /** The journal reports no failure, so that the disk has what was rejected before. */
  recovered(): void {
    for (const safe of this.unsaved) safe();
    this.unsaved = [];
  }

  /** The process ends. What only its memory had is lost; with `power`, also marks that were not synced. */
  crash(power: boolean, now: number): void {
    this.unsaved = [];
    if (power) for (const model of this.keys.values()) model.isBegun = false;
    this.expire(now);
  }

  /** Marks that are forgotten do not come back when the wall clock is set back. */
  expire(now: number): void {
    for (const model of this.keys.values()) {
      if (model.safe === 0 && now - model.changedAt > BEGUN_MS) model.isBegun = model.isFenced = false;
    }
  }

  damage(keys: Iterable<string>): void {
    for (const key of keys) {
      const model = this.keys.get(key);
      if (model) model.isDamaged = true;
    }
  }

  /** Keys whose outcome must be sent again, however old it is. */
  unacknowledged(): string[] {
    return [...this.keys]
      .filter(([, { safe, acknowledged, isDamaged }]) => safe > 0 && !acknowledged && !isDamaged)
      .map(([key]) => key);
  }

  /** Why what a restarted journal found is wrong; undefined if it is not. */
  problem(key: string, found: FoundRecord | undefined, now: number): string | undefined {
    const model = this.keys.get(key) as KeyModel;
    const { outcomes, safe, acknowledged, changedAt, isBegun, isFenced, isDamaged } = model;
    const body = found?.outcome?.body;
    if (body !== undefined && !outcomes.includes(body)) return `finds an outcome that was never settled: ${body}`;
    const isOld = now - changedAt > BEGUN_MS;
    if (found && body === undefined && isOld) return 'its mark is kept for longer than seven days';
    if (found && body === undefined) model.isBegun = true;
    // An acknowledged key may be forgotten, to make room.
    if (acknowledged || isDamaged) return undefined;
    if (safe === 0) {
      if (!(isBegun || isFenced)) return undefined;
      if (!found) return 'the mark of its begin is lost';
      return isFenced && found.fence === undefined ? 'its fence is lost' : undefined;
    }
    if (found === undefined) return 'the key is lost, although its outcome was on the disk';
    if (body === undefined) return 'its outcome is lost, although it was on the disk';
    if (isFenced && found.fence === undefined) return 'its fence is lost';
    return outcomes.indexOf(body) + 1 < safe ? 'finds an older outcome than the disk had' : undefined;
  }

  get all(): Iterable<string> {
    return this.keys.keys();
  }
}

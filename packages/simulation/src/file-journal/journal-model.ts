/** What a file journal must know after a restart, whatever its disk did. */

interface KeyModel {
  /** Bodies of all outcomes that were passed to `settle`, oldest first. */
  readonly outcomes: string[];
  /** Number of those that the disk is known to have: `settle` has resolved. */
  safe: number;
  acknowledged: boolean;
}

/** The part of a record that the model checks. */
export interface FoundRecord {
  readonly outcome: { readonly body: string } | undefined;
}

export class JournalModel {
  private readonly keys = new Map<string, KeyModel>();

  /** With the next attempt, the outcomes of earlier ones no longer count. */
  begin(key: string): void {
    this.keys.set(key, { outcomes: this.keys.get(key)?.outcomes ?? [], safe: 0, acknowledged: false });
  }

  /** Returns a function to call when `settle` resolves. */
  settle(key: string, body: string): () => void {
    const model = this.keys.get(key) as KeyModel;
    const position = model.outcomes.push(body);
    return () => void (model.safe = Math.max(model.safe, position));
  }

  acknowledge(key: string): void {
    const model = this.keys.get(key);
    if (model) model.acknowledged = true;
  }

  /** Keys whose outcome must be sent again. */
  unacknowledged(): string[] {
    return [...this.keys].filter(([, { safe, acknowledged }]) => safe > 0 && !acknowledged).map(([key]) => key);
  }

  /** Why what a restarted journal found is wrong; undefined if it is not. */
  problem(key: string, found: FoundRecord | undefined): string | undefined {
    const { outcomes, safe, acknowledged } = this.keys.get(key) as KeyModel;
    const body = found?.outcome?.body;
    if (body !== undefined && !outcomes.includes(body)) return `finds an outcome that was never settled: ${body}`;
    // An acknowledged key may be forgotten, to make room.
    if (safe === 0 || acknowledged) return undefined;
    if (found === undefined) return 'the key is lost, although its outcome was on the disk';
    if (body === undefined) return 'its outcome is lost, although it was on the disk';
    return outcomes.indexOf(body) + 1 < safe ? 'finds an older outcome than the disk had' : undefined;
  }

  get all(): Iterable<string> {
    return this.keys.keys();
  }
}

import type { OrchestrationId, OrchestrationStatus, ProjectId } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { Append, Journal, StoredFailure, StoredKey, StoredOrchestration } from '../journal/journal';

/** Where a journal stores, for one test. */
export interface JournalStore {
  /**
   * Opens the journal. Each further call is the next start of the engine on the same store, as after a crash: the
   * journal before it was not closed.
   */
  open(): Promise<Journal>;
  /** Removes everything. */
  close(): Promise<void>;
}

export const PROJECT = 'p_shop' as ProjectId;
export const OTHER_PROJECT = 'p_other' as ProjectId;

export const idOf = (name: string): OrchestrationId => `o_${name}` as OrchestrationId;

/** Events are opaque to a journal. These carry text that needs care: line breaks, quotes, other scripts. */
const event = (at: number, size = 0): OrchestrationEvent => ({
  type: 'task_updated',
  at,
  taskId: 'task1',
  id: `u${at}`,
  data: { text: `"Zeile"\n${at}\u2028 ürün, \\n, \u0000`, filler: 'x'.repeat(size) },
});

export const events = (from: number, count: number, size = 0): OrchestrationEvent[] =>
  Array.from({ length: count }, (_, index) => event(from + index, size));

export interface AppendSpec {
  /** Number of events before. @default 0 */
  readonly from?: number;
  /** @default 1 */
  readonly count?: number;
  /** Additional characters of each event. @default 0 */
  readonly size?: number;
  /** Replaces the generated events. */
  readonly events?: readonly OrchestrationEvent[];
  /** @default true */
  readonly open?: boolean;
  readonly status?: OrchestrationStatus;
  readonly changedAt?: number;
  readonly projectId?: ProjectId;
  readonly epoch?: number;
  readonly shard?: number;
  readonly error?: unknown;
  readonly failures?: readonly StoredFailure[];
  readonly keys?: readonly StoredKey[];
}

/** The journal of the current test, and short forms of its calls. */
export class JournalUnderTest {
  private store: JournalStore | undefined;
  private opened: Journal | undefined;

  async use(store: JournalStore): Promise<void> {
    this.store = store;
    await this.reopen();
  }

  get journal(): Journal {
    if (!this.opened) throw new Error('no journal is open');
    return this.opened;
  }

  /** The next start on the same store. */
  async reopen(): Promise<void> {
    this.opened = await this.store?.open();
  }

  async close(): Promise<void> {
    await this.store?.close();
    this.store = this.opened = undefined;
  }

  append(name: string, spec: AppendSpec = {}): Append {
    const { from = 0, count = 1, size, open = true, changedAt = 1000 + from, failures, keys } = spec;
    return {
      shard: spec.shard ?? 0,
      epoch: spec.epoch ?? this.journal.epoch,
      orchestrationId: idOf(name),
      projectId: spec.projectId ?? PROJECT,
      expectedSequence: from,
      events: spec.events ?? events(from, count, size),
      summary: {
        status: spec.status ?? (open ? 'processing' : 'completed'),
        action: `Do ${name}`,
        submittedAt: 1000,
        changedAt,
        ...('error' in spec && { error: spec.error }),
      },
      open,
      ...(failures && { failures }),
      ...(keys && { keys }),
    };
  }

  async openNames(): Promise<string[]> {
    const found: StoredOrchestration[] = [];
    for await (const stored of this.journal.open()) found.push(stored);
    return found.map(({ id }) => id.slice(2));
  }

  async listed(limit?: number): Promise<string[]> {
    const options = limit === undefined ? {} : { limit };
    return (await this.journal.list(PROJECT, options)).map(({ id }) => id.slice(2));
  }

  async loaded(name: string): Promise<readonly OrchestrationEvent[] | undefined> {
    return (await this.journal.load(idOf(name)))?.events;
  }
}

/** The engine's journal port with the faults of a disk. The store behind it survives the crash of the engine. */
import type { SqliteJournal } from '@orra-ts/engine/internal';
import type { SeededRandom } from '@orra-ts/common/testing';
import type { ProcessScope } from '../kernel/process-scope';

export type Appends = Parameters<SqliteJournal['append']>[0];
type Outcomes = Awaited<ReturnType<SqliteJournal['append']>>;

/** Faults of appends that are still to come. Shared by all runs of the engine. */
export interface AppendFaults {
  refuse: number;
  slowMs: number;
  crash: { readonly committed: boolean } | undefined;
  /** How many appends were refused since the last one that was not. */
  refused: number;
}

export interface JournalPortOptions {
  readonly journal: SqliteJournal;
  readonly scope: ProcessScope;
  readonly random: SeededRandom;
  readonly faults: AppendFaults;
  readonly onAppend: (appends: Appends) => void;
  /** Called when the appends are durable, before the engine knows. */
  readonly onCommitted: (appends: Appends) => void;
  /** The fault `crash-append`: ends the process. */
  readonly crash: () => void;
}

const MAX_WRITE_MS = 3;

/** Members of the port other than `append` are passed on as they are, those of a later version too. */
export function journalPort(options: JournalPortOptions): SqliteJournal {
  const { journal } = options;
  return new Proxy(journal, {
    get(target, name) {
      if (name === 'append') return (appends: Appends) => append(options, appends);
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** Never settles when the process crashes meanwhile. */
function append(options: JournalPortOptions, appends: Appends): Promise<Outcomes> {
  const { journal, scope, random, faults, onAppend, onCommitted, crash } = options;
  onAppend(appends);
  return new Promise((resolve, reject) => {
    const slowMs = faults.slowMs;
    faults.slowMs = 0;
    const commit = async (): Promise<Outcomes> => {
      const outcomes = await journal.append(appends);
      if (outcomes.every(({ kind }) => kind === 'committed')) onCommitted(appends);
      return outcomes;
    };
    scope.schedule(slowMs + random.int(0, MAX_WRITE_MS), () => {
      if (faults.crash) {
        const { committed } = faults.crash;
        faults.crash = undefined;
        if (committed) void commit();
        return crash();
      }
      if (faults.refuse > 0) {
        faults.refuse--;
        faults.refused++;
        return reject(new Error('the disk is full'));
      }
      faults.refused = 0;
      commit().then((outcomes) => scope.schedule(random.int(0, MAX_WRITE_MS), () => resolve(outcomes)), reject);
    });
  });
}

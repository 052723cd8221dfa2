import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../src/domain/orchestration/events';
import type { Append } from '../src/journal/journal';
import { SqliteJournal } from '../src/journal/sqlite-journal';
import { openDatabase } from '../src/storage/open-database';

const PROJECT = 'p_shop' as ProjectId;
const NAMES = 4;

type Step =
  /** `offset` 0: what is expected is right. */
  | { readonly kind: 'append'; readonly group: readonly GroupMember[] }
  | { readonly kind: 'append on a full disk'; readonly group: readonly GroupMember[] }
  | { readonly kind: 'restart' };
interface GroupMember {
  readonly name: number;
  readonly count: number;
  readonly size: number;
  readonly open: boolean;
  readonly offset: number;
}

const member: fc.Arbitrary<GroupMember> = fc.record({
  name: fc.nat(NAMES - 1),
  count: fc.integer({ min: 1, max: 3 }),
  size: fc.constantFrom(0, 10, 500),
  open: fc.boolean(),
  offset: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) }),
});
const group = fc.array(member, { minLength: 1, maxLength: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('append' as const), group }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('append on a full disk' as const), group }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

interface Expected {
  readonly number: number;
  readonly events: OrchestrationEvent[];
  open: boolean;
  changedAt: number;
}

it('whatever is appended, refused, lost to a full disk and restarted: what was acknowledged is there, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 120 }),
      fc.constantFrom(0, 2_000, 100_000),
      async (steps, replayLimit) => {
        const folder = mkdtempSync(join(tmpdir(), 'orra-property-'));
        let database = openDatabase({ storage: folder });
        let journal = new SqliteJournal(database, { replayLimit });
        const expected = new Map<string, Expected>();
        let time = 0;

        const prepare = (members: readonly GroupMember[]) => {
          const after = new Map([...expected].map(([id, one]) => [id, { ...one, events: [...one.events] }]));
          const kinds: string[] = [];
          const appends = members.map(({ name, count, size, open, offset }): Append => {
            const id = `o_${name}` as OrchestrationId;
            const known = after.get(id);
            const stored = known?.events.length ?? 0;
            const expectedSequence = Math.max(0, stored + offset);
            time += 1;
            const events = Array.from({ length: count }, (_, index): OrchestrationEvent => {
              return { type: 'task_updated', at: time, taskId: 't', id: `${index}`, data: `\n"${'é'.repeat(size)}` };
            });
            kinds.push(expectedSequence === stored ? 'committed' : 'conflict');
            if (expectedSequence === stored) {
              const next = known ?? { number: after.size, events: [], open, changedAt: time };
              next.events.push(...events);
              Object.assign(next, { open, changedAt: time });
              after.set(id, next);
            }
            const summary = { status: 'processing', action: id, submittedAt: 0, changedAt: time } as const;
            return {
              shard: 0,
              epoch: journal.epoch,
              orchestrationId: id,
              projectId: PROJECT,
              expectedSequence,
              events,
              summary,
              open,
            };
          });
          return { appends, kinds, after };
        };
        const accept = (after: Map<string, Expected>): void => {
          for (const [id, one] of after) expected.set(id, one);
        };

        try {
          for (const { kind, ...rest } of steps) {
            if (kind === 'restart') {
              database.close();
              database = openDatabase({ storage: folder });
              journal = new SqliteJournal(database, { replayLimit });
              continue;
            }
            const { appends, kinds, after } = prepare((rest as { group: readonly GroupMember[] }).group);
            if (kind === 'append on a full disk') {
              const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
              database.exec(`PRAGMA max_page_count = ${pages}`);
              // A small group still fits into the last page.
              const stored = await journal.append(appends).then(
                () => true,
                () => false,
              );
              if (stored) accept(after);
              database.exec('PRAGMA max_page_count = 1000000');
            } else {
              expect((await journal.append(appends)).map((outcome) => outcome.kind)).toEqual(kinds);
              accept(after);
            }
          }
          for (const restart of [false, true]) {
            if (restart) {
              database.close();
              database = openDatabase({ storage: folder });
              journal = new SqliteJournal(database, { replayLimit });
            }
            for (const [id, { events }] of expected) {
              expect((await journal.load(id as OrchestrationId))?.events).toEqual(events);
            }
            const inOrder = [...expected].sort(([, a], [, b]) => a.number - b.number);
            const open: unknown[] = [];
            for await (const stored of journal.open()) open.push([stored.id, stored.events]);
            expect(open).toEqual(inOrder.filter(([, one]) => one.open).map(([id, { events }]) => [id, events]));
            expect((await journal.list(PROJECT)).map(({ id, changedAt }) => [id, changedAt])).toEqual(
              inOrder.map(([id, { changedAt }]) => [id, changedAt]).sort((a, b) => Number(b[1]) - Number(a[1])),
            );
          }
        } finally {
          database.close();
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 40 },
  );
});

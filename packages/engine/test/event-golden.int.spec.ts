/**
 * Golden events: what journals contain, per kind. Later versions must read all of them, so an entry is never edited or
 * removed. When an event gets a further form, its file gets a further entry.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { OrchestrationId, ProjectId } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../src/domain/orchestration/events';
import { replay } from '../src/domain/orchestration/evolve';
import type { OrchestrationState } from '../src/domain/orchestration/state';
import { SqliteJournal } from '../src/journal/sqlite-journal';
import { openDatabase } from '../src/storage/open-database';
import { inspectionView } from '../src/views/inspection-view';
import { factsOf, toStreamEvent } from '../src/views/stream-event';

type Kind = OrchestrationEvent['type'];

interface Golden {
  /** Which form of the event it is. */
  readonly note: string;
  /** The kinds of the events before it; the first entry of each file. */
  readonly after: readonly Kind[];
  readonly event: OrchestrationEvent;
  /** Members of the state that the event sets. */
  readonly state: object;
}

/** A kind without a file here does not compile, and one without a golden file fails the test. */
const KINDS: Readonly<Record<Kind, true>> = {
  submitted: true,
  planned: true,
  planning_failed: true,
  task_started: true,
  task_redelivered: true,
  task_paused: true,
  task_updated: true,
  task_completed: true,
  task_attempt_failed: true,
  task_aborted: true,
  task_settled: true,
  orchestration_completed: true,
  orchestration_failed: true,
  orchestration_aborted: true,
  orchestration_cancelled: true,
  late_results_closed: true,
  compensation_added: true,
  in_doubt_recorded: true,
  duplicate_recorded: true,
  compensation_started: true,
  compensation_paused: true,
  compensation_held: true,
  compensation_attempt_failed: true,
  compensation_finished: true,
  compensation_failure_resolved: true,
  compensation_retried: true,
  webhook_queued: true,
  webhook_attempt_failed: true,
  webhook_delivered: true,
  webhook_given_up: true,
};

const FOLDER = path.join(__dirname, 'golden/events');
const kinds = Object.keys(KINDS) as Kind[];
const goldenOf = (kind: Kind): readonly Golden[] =>
  JSON.parse(readFileSync(path.join(FOLDER, `${kind}.json`), 'utf8')) as Golden[];
const entries = (): [string, Golden][] =>
  kinds.flatMap((kind) => goldenOf(kind).map((golden): [string, Golden] => [`${kind}: ${golden.note}`, golden]));

const historyOf = ({ after, event }: Golden): OrchestrationEvent[] => [
  ...after.map((kind) => (goldenOf(kind)[0] as Golden).event),
  event,
];

/** As JSON, with maps as objects. */
const plain = (state: OrchestrationState): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(state, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value)),
  ) as Record<string, unknown>;

test('every kind of event has a golden file, and every file is of a kind', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(kinds.map((kind) => `${kind}.json`).sort());
  for (const kind of kinds) {
    expect(goldenOf(kind).length).toBeGreaterThan(0);
    for (const { event } of goldenOf(kind)) expect(event.type).toBe(kind);
  }
});

describe.each(entries())('%s', (_, golden) => {
  const history = historyOf(golden);

  it('leads to the state that it led to when it was written', () => {
    expect(plain(replay(history))).toMatchObject(golden.state);
  });

  it('is read from a journal as it was written, and shown', async () => {
    const database = openDatabase({ storage: ':memory:' });
    const journal = new SqliteJournal(database);
    const id = 'o_golden' as OrchestrationId;
    const summary = { status: 'processing', action: 'Order', submittedAt: 0, changedAt: 0 } as const;
    const where = { shard: 0, epoch: journal.epoch, orchestrationId: id, projectId: 'p_golden' as ProjectId };
    await journal.append([{ ...where, expectedSequence: 0, events: history, summary, open: true }]);
    const stored = (await new SqliteJournal(database).load(id))?.events ?? [];
    database.close();
    expect(stored).toEqual(history);
    const state = replay(stored);
    expect(inspectionView(state, stored, { now: golden.event.at, compensationMaxAttempts: 10 })).toMatchObject({
      status: state.status,
    });
    for (const event of stored) expect(() => toStreamEvent(event, id, factsOf(state))).not.toThrow();
  });
});

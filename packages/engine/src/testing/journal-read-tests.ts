/** Reads: open orchestrations at a start, lists, parts of a history. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { TestFunctions } from './journal-suite';
import { events, idOf, OTHER_PROJECT, PROJECT, type JournalUnderTest } from './journal-under-test';

export function testReads(it: TestFunctions['it'], test: JournalUnderTest): void {
  it('hands over open orchestrations in order of submission after a restart, without closed ones', async () => {
    await test.journal.append(['z', 'm', 'a', 'k'].map((name) => test.append(name)));
    await test.journal.append([test.append('m', { from: 1, open: false }), test.append('z', { from: 1 })]);
    await test.reopen();
    deepStrictEqual(await test.openNames(), ['z', 'a', 'k']);
  });

  it('opens a closed orchestration again when something is appended, in its old place', async () => {
    await test.journal.append([test.append('a', { count: 2, open: false }), test.append('b')]);
    await test.reopen();
    await test.journal.append([test.append('a', { from: 2, status: 'failed' })]);
    for (const restart of [false, true]) {
      if (restart) await test.reopen();
      deepStrictEqual(await test.openNames(), ['a', 'b']);
      deepStrictEqual(await test.loaded('a'), events(0, 3));
      deepStrictEqual(await test.listed(), ['a', 'b']);
    }
    await test.journal.append([test.append('a', { from: 3, open: false, status: 'failed' })]);
    await test.reopen();
    deepStrictEqual(await test.openNames(), ['b']);
    deepStrictEqual(await test.loaded('a'), events(0, 4));
  });

  it('leaves out orchestrations that are closed while others are handed over', async () => {
    await test.journal.append(['a', 'b', 'c'].map((name) => test.append(name)));
    const seen: string[] = [];
    for await (const { id } of test.journal.open()) {
      seen.push(id);
      if (seen.length === 1) await test.journal.append([test.append('b', { from: 1, open: false })]);
    }
    deepStrictEqual(seen, [idOf('a'), idOf('c')]);
  });

  it('hands over an ended orchestration that stays open for its webhooks, with the messages that are queued', async () => {
    const ended: OrchestrationEvent[] = [
      { type: 'orchestration_completed', at: 5, results: [{ ok: true }] },
      { type: 'webhook_queued', at: 5, id: 'w1', url: 'http://127.0.0.1:9/hook', webhookId: 'h1' },
      { type: 'webhook_attempt_failed', at: 6, id: 'w1', error: 'ECONNREFUSED', retryAt: 40_006 },
    ];
    await test.journal.append([test.append('a'), test.append('b')]);
    await test.journal.append([test.append('a', { from: 1, events: ended, status: 'completed' })]);
    await test.reopen();
    deepStrictEqual(await test.openNames(), ['a', 'b']);
    deepStrictEqual(await test.loaded('a'), [...events(0, 1), ...ended]);
    const delivered: OrchestrationEvent = { type: 'webhook_delivered', at: 7, id: 'w1', status: 200 };
    await test.journal.append([test.append('a', { from: 4, events: [delivered], open: false })]);
    await test.reopen();
    deepStrictEqual(await test.openNames(), ['b']);
    deepStrictEqual(await test.loaded('a'), [...events(0, 1), ...ended, delivered]);
  });

  it('lists open and closed ones of the project: newest change first, of equals the newest submission first', async () => {
    await test.journal.append([
      test.append('closed-old', { open: false, changedAt: 10 }),
      test.append('open-old', { changedAt: 20 }),
      test.append('closed-new', { open: false, changedAt: 40 }),
      test.append('open-new', { changedAt: 30 }),
      test.append('tie-1', { changedAt: 25 }),
      test.append('tie-2', { open: false, changedAt: 25 }),
      test.append('elsewhere', { projectId: OTHER_PROJECT, changedAt: 99 }),
    ]);
    const expected = ['closed-new', 'open-new', 'tie-2', 'tie-1', 'open-old', 'closed-old'];
    deepStrictEqual(await test.listed(), expected);
    for (const limit of [1, 3, 6]) deepStrictEqual(await test.listed(limit), expected.slice(0, limit));
    await test.reopen();
    deepStrictEqual(await test.listed(), expected);
    deepStrictEqual(await test.listed(4), expected.slice(0, 4));
  });

  it('lists the newest summary, before and after a restart, without members that it no longer has', async () => {
    await test.journal.append([test.append('a', { error: 'first attempt failed' })]);
    await test.journal.append([test.append('a', { from: 1, changedAt: 2000 })]);
    const expected = [{ id: idOf('a'), status: 'processing', action: 'Do a', submittedAt: 1000, changedAt: 2000 }];
    // As JSON: an undefined member is the same as none.
    const shown = async (): Promise<unknown> => JSON.parse(JSON.stringify(await test.journal.list(PROJECT)));
    deepStrictEqual(await shown(), expected);
    await test.reopen();
    deepStrictEqual(await shown(), expected);
  });

  it('lists a closed orchestration once when it is open again', async () => {
    await test.journal.append([test.append('a', { open: false })]);
    await test.journal.append([test.append('a', { from: 1 })]);
    deepStrictEqual(await test.listed(), ['a']);
  });

  it('returns parts of a history, of open and of closed ones', async () => {
    for (let from = 0; from < 10; from += 2) await test.journal.append([test.append('a', { from, count: 2 })]);
    for (const closed of [false, true]) {
      const sequence = closed ? 11 : 10;
      if (closed) await test.journal.append([test.append('a', { from: 10, open: false })]);
      for (const [from, limit] of [
        [0, 3],
        [3, 4],
        [9, 100],
        [sequence, 5],
      ] as const) {
        const part = await test.journal.part(idOf('a'), from, limit);
        const expected = events(0, sequence).slice(from, from + limit);
        deepStrictEqual(part, { projectId: PROJECT, sequence, events: expected });
      }
      await test.reopen();
    }
    equal(await test.journal.part(idOf('nobody'), 0, 10), undefined);
  });
}

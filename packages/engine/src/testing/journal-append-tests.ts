/** Appends: order, atomicity of a group, conflicts, epochs. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import type { OrchestrationId } from '@orra-ts/protocol';
import type { OrchestrationEvent } from '../domain/orchestration/events';
import type { TestFunctions } from './journal-suite';
import { events, idOf, PROJECT, type JournalUnderTest } from './journal-under-test';

export function testAppends(it: TestFunctions['it'], test: JournalUnderTest): void {
  it('gives back what was appended, before and after it is closed and after a restart', async () => {
    deepStrictEqual(await test.journal.append([test.append('a', { count: 3 })]), [{ kind: 'committed' }]);
    deepStrictEqual(await test.journal.load(idOf('a')), { id: idOf('a'), projectId: PROJECT, events: events(0, 3) });
    await test.journal.append([test.append('a', { from: 3, count: 2 })]);
    await test.reopen();
    deepStrictEqual(await test.loaded('a'), events(0, 5));
    await test.journal.append([test.append('a', { from: 5, open: false })]);
    deepStrictEqual(await test.loaded('a'), events(0, 6));
    await test.reopen();
    deepStrictEqual(await test.loaded('a'), events(0, 6));
  });

  it('knows no orchestration that was never appended to, regardless of its id', async () => {
    equal(await test.journal.load(idOf('nobody')), undefined);
    equal(await test.journal.load('o_\0' as OrchestrationId), undefined);
  });

  it('commits the others of a group when one conflicts, and returns how many events that one has', async () => {
    await test.journal.append([test.append('a', { count: 2 }), test.append('done', { count: 4, open: false })]);
    const outcomes = await test.journal.append([
      test.append('b'),
      test.append('a', { from: 1 }),
      test.append('done', { from: 0 }),
      test.append('new', { from: 7 }),
      test.append('c', { count: 2 }),
    ]);
    deepStrictEqual(outcomes, [
      { kind: 'committed' },
      { kind: 'conflict', sequence: 2 },
      { kind: 'conflict', sequence: 4 },
      { kind: 'conflict', sequence: 0 },
      { kind: 'committed' },
    ]);
    await test.reopen();
    deepStrictEqual(await test.loaded('a'), events(0, 2));
    deepStrictEqual(await test.loaded('done'), events(0, 4));
    equal(await test.loaded('new'), undefined);
    deepStrictEqual(await test.openNames(), ['a', 'b', 'c']);
  });

  it('takes several appends of one orchestration in one group, each after the one before', async () => {
    const outcomes = await test.journal.append([
      test.append('a', { count: 2 }),
      test.append('a', { from: 2, open: false }),
      test.append('a', { from: 2 }),
      test.append('a', { from: 3, open: true }),
    ]);
    deepStrictEqual(
      outcomes.map(({ kind }) => kind),
      ['committed', 'committed', 'conflict', 'committed'],
    );
    await test.reopen();
    deepStrictEqual(await test.loaded('a'), events(0, 4));
    deepStrictEqual(await test.openNames(), ['a']);
  });

  it('keeps the order of many appends, small and large', async () => {
    for (let from = 0; from < 100; from += 2) {
      const size = from % 20 === 0 ? 40_000 : 0;
      await test.journal.append([
        test.append(`before${from}`, { open: false }),
        test.append('busy', { from, size }),
        test.append('busy', { from: from + 1 }),
      ]);
      if (from === 50) await test.reopen();
    }
    const expected = Array.from({ length: 50 }, (_, index) => [
      ...events(2 * index, 1, index % 10 === 0 ? 40_000 : 0),
      ...events(2 * index + 1, 1),
    ]).flat();
    deepStrictEqual(await test.loaded('busy'), expected);
    await test.reopen();
    deepStrictEqual(await test.loaded('busy'), expected);
  });

  it('refuses an append without events, and with it the whole call', async () => {
    await rejects(test.journal.append([test.append('a'), test.append('b', { count: 0 })]), TypeError);
    equal(await test.loaded('a'), undefined);
  });

  it('stores nothing of a group that cannot be written, and works afterwards', async () => {
    await test.journal.append([test.append('a')]);
    // JSON has no form for it.
    const unwritable: OrchestrationEvent = { type: 'task_updated', at: 0, taskId: 'task1', id: 'u0', data: 1n };
    await rejects(
      test.journal.append([test.append('a', { from: 1, open: false }), test.append('b', { events: [unwritable] })]),
      { code: 'ORRA_JOURNAL_WRITE_FAILED' },
    );
    deepStrictEqual(await test.loaded('a'), events(0, 1));
    equal(await test.loaded('b'), undefined);
    deepStrictEqual(await test.journal.append([test.append('a', { from: 1 })]), [{ kind: 'committed' }]);
    await test.reopen();
    deepStrictEqual(await test.loaded('a'), events(0, 2));
    deepStrictEqual(await test.openNames(), ['a']);
  });

  it('counts the starts in its epoch', async () => {
    const first = test.journal.epoch;
    await test.reopen();
    equal(test.journal.epoch, first + 1);
  });

  it('fences an append of an earlier start, and of a shard that it does not own', async () => {
    const before = test.append('a');
    await test.reopen();
    deepStrictEqual(await test.journal.append([before, test.append('b'), test.append('c', { shard: 1 })]), [
      { kind: 'fenced' },
      { kind: 'committed' },
      { kind: 'fenced' },
    ]);
    deepStrictEqual(await test.openNames(), ['b']);
  });

  it('refuses to work once it is closed', async () => {
    await test.journal.append([test.append('a')]);
    const { journal } = test;
    const late = test.append('b');
    await journal.close();
    await rejects(journal.append([late]), { code: 'ORRA_JOURNAL_WRITE_FAILED' });
    await rejects(async () => journal.load(idOf('a')), { code: 'ORRA_STORAGE_CLOSED' });
    await rejects(async () => journal.list(PROJECT), { code: 'ORRA_STORAGE_CLOSED' });
    await test.reopen();
    deepStrictEqual(await test.loaded('a'), events(0, 1));
  });
}

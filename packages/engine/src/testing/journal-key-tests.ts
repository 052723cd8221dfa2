/** The index from a service and an idempotency key to an orchestration (E10). */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import type { StoredKey } from '../journal/journal';
import { record } from './journal-failure-tests';
import type { TestFunctions } from './journal-suite';
import { idOf, type JournalUnderTest } from './journal-under-test';

const taskKey = (key: string, changes: Partial<StoredKey> = {}): StoredKey => ({
  serviceId: 's_stock',
  key,
  taskId: 'task1',
  kind: 'task',
  keepUntil: 5_000,
  ...changes,
});

export function testKeys(it: TestFunctions['it'], test: JournalUnderTest): void {
  const isFound = async (key: string): Promise<boolean> => (await test.journal.findKey('s_stock', key)) !== undefined;

  it('are found with their orchestration, task and kind, after a restart too', async () => {
    const revert = taskKey('r1', { kind: 'compensation', round: 2, revertId: 'task1#2', keepUntil: 9_000 });
    await test.journal.append([test.append('a', { open: false, keys: [taskKey('k1'), revert] })]);
    await test.journal.append([test.append('b', { open: false, keys: [taskKey('k2', { taskId: 'task7' })] })]);
    for (const restart of [false, true]) {
      if (restart) await test.reopen();
      deepStrictEqual(await test.journal.findKey('s_stock', 'k1'), { ...taskKey('k1'), orchestrationId: idOf('a') });
      deepStrictEqual(await test.journal.findKey('s_stock', 'r1'), { ...revert, orchestrationId: idOf('a') });
      deepStrictEqual((await test.journal.findKey('s_stock', 'k2'))?.taskId, 'task7');
    }
  });

  it('are not found for another service, nor if they were never stored, regardless of their characters', async () => {
    await test.journal.append([test.append('a', { open: false, keys: [taskKey('k1')] })]);
    equal(await test.journal.findKey('s_other', 'k1'), undefined);
    for (const key of ['', 'k', 'k1\0', "k1' OR '1'='1"]) equal(await isFound(key), false);
  });

  it('get the values of a later append', async () => {
    await test.journal.append([test.append('a', { open: false, keys: [taskKey('k1')] })]);
    await test.journal.append([
      test.append('a', { from: 1, open: false, keys: [taskKey('k1', { keepUntil: 8_000 })] }),
    ]);
    equal((await test.journal.findKey('s_stock', 'k1'))?.keepUntil, 8_000);
  });

  it('are not stored with an append that conflicts', async () => {
    await test.journal.append([test.append('a', { from: 7, open: false, keys: [taskKey('k1')] })]);
    equal(await isFound('k1'), false);
  });

  it('are forgotten when their time is over', async () => {
    const keys = [taskKey('k1'), taskKey('k2', { keepUntil: 6_000 })];
    await test.journal.append([test.append('a', { open: false, keys })]);
    equal(await test.journal.forgetKeysBefore(5_000), 0);
    equal(await test.journal.forgetKeysBefore(5_001), 1);
    await test.reopen();
    deepStrictEqual([await isFound('k1'), await isFound('k2')], [false, true]);
  });

  it('are kept while a record of their orchestration is pending', async () => {
    const failures = [record('c_1', 10), record('c_2', 20)];
    await test.journal.append([test.append('a', { open: false, keys: [taskKey('k1')], failures })]);
    await test.journal.append([test.append('b', { open: false, keys: [taskKey('k2')] })]);
    equal(await test.journal.forgetKeysBefore(100_000), 1);
    const resolved = record('c_1', 10, { resolutionState: 'resolved', resolvedAt: 50 });
    await test.journal.append([test.append('a', { from: 1, open: false, failures: [resolved] })]);
    equal(await test.journal.forgetKeysBefore(100_000), 0);
    const ignored = record('c_2', 20, { resolutionState: 'ignored', resolvedAt: 50 });
    await test.journal.append([test.append('a', { from: 2, open: false, failures: [ignored] })]);
    equal(await isFound('k1'), true);
    equal(await test.journal.forgetKeysBefore(100_000), 1);
    equal(await isFound('k1'), false);
  });

  it('are forgotten a bounded number at a time', async () => {
    const keys = Array.from({ length: 1_001 }, (_, index) => taskKey(`k${index}`));
    await test.journal.append([test.append('a', { open: false, keys })]);
    const removed = [];
    while (removed.at(-1) !== 0) removed.push(await test.journal.forgetKeysBefore(6_000));
    equal(Math.max(...removed) <= 1_000, true);
    equal(
      removed.reduce((sum, count) => sum + count),
      1_001,
    );
  });

  it('cannot be looked up in a closed journal', async () => {
    const { journal } = test;
    await journal.close();
    await rejects(async () => journal.findKey('s_stock', 'k1'), { code: 'ORRA_STORAGE_CLOSED' });
  });
}

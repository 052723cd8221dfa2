/** Records of compensations that were given up. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import type { StoredFailure } from '../journal/journal';
import type { TestFunctions } from './journal-suite';
import { idOf, OTHER_PROJECT, PROJECT, type JournalUnderTest } from './journal-under-test';

export const record = (id: string, at: number, changes: Partial<StoredFailure> = {}): StoredFailure => ({
  id,
  projectId: PROJECT,
  orchestrationId: idOf('a'),
  taskId: 'task1',
  serviceId: 's_stock',
  serviceName: 'stock',
  data: { holdId: 'h "1"\n' },
  context: { reason: 'aborted', payload: { reason: 'no funds' }, at },
  ttlMs: 60_000,
  status: 'failed',
  error: 'shipped',
  attempts: 3,
  at,
  resolutionState: 'pending',
  ...changes,
});

export function testFailures(it: TestFunctions['it'], test: JournalUnderTest): void {
  it('are stored with their append and listed newest first, per project, after a restart too', async () => {
    const [first, second, foreign] = [
      record('c_1', 10),
      record('c_2', 20),
      record('c_3', 30, { projectId: OTHER_PROJECT, status: 'expired' }),
    ] as const;
    await test.journal.append([
      test.append('a', { failures: [first, second] }),
      test.append('b', { projectId: OTHER_PROJECT, failures: [foreign] }),
    ]);
    for (const restart of [false, true]) {
      if (restart) await test.reopen();
      deepStrictEqual(await test.journal.failures(PROJECT), [second, first]);
      deepStrictEqual(await test.journal.failures(PROJECT, { limit: 1 }), [second]);
      deepStrictEqual(await test.journal.failures(OTHER_PROJECT), [foreign]);
      deepStrictEqual(await test.journal.failure('c_3'), foreign);
      equal(await test.journal.failure('c_9'), undefined);
    }
  });

  it('are replaced by the record of a later append', async () => {
    await test.journal.append([test.append('a', { open: false, failures: [record('c_1', 10), record('c_2', 20)] })]);
    const resolved = record('c_1', 10, { resolutionState: 'resolved', resolution: 'by hand', resolvedAt: 50 });
    await test.journal.append([test.append('a', { from: 1, open: false, failures: [resolved] })]);
    await test.reopen();
    deepStrictEqual(await test.journal.failure('c_1'), resolved);
    deepStrictEqual(await test.journal.failures(PROJECT), [record('c_2', 20), resolved]);
  });

  it('are not stored with an append that conflicts', async () => {
    await test.journal.append([test.append('a')]);
    await test.journal.append([test.append('a', { from: 7, failures: [record('c_1', 10)] })]);
    equal(await test.journal.failure('c_1'), undefined);
    deepStrictEqual(await test.journal.failures(PROJECT), []);
  });
}

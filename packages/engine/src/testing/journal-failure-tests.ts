/** Records of compensations that were given up. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import type { FailureFilter, StoredFailure } from '../journal/journal';
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

  it('are listed by kind and by resolution, newest first, after a restart too', async () => {
    const failures = [
      record('c_1', 10),
      record('c_2', 20, { status: 'in_doubt', resolutionState: 'ignored', resolvedAt: 50 }),
      record('c_3', 30, { status: 'partial', completed: ['hold 1'], remaining: ['hold 2'] }),
      record('c_4', 40, { status: 'in_doubt', lateOutput: { holdId: 'h2' } }),
      record('c_5', 50, { status: 'duplicate', output: { holdId: 'h1' }, otherOutput: null }),
      record('c_6', 60, { status: 'in_doubt' }),
    ] as const;
    await test.journal.append([test.append('a', { failures })]);
    const list = async (filter: FailureFilter): Promise<string[]> =>
      (await test.journal.failures(PROJECT, filter)).map(({ id }) => id);
    for (const restart of [false, true]) {
      if (restart) await test.reopen();
      deepStrictEqual(await list({ kind: 'in_doubt' }), ['c_6', 'c_4', 'c_2']);
      deepStrictEqual(await list({ kind: 'in_doubt', resolutionState: 'pending' }), ['c_6', 'c_4']);
      deepStrictEqual(await list({ kind: 'in_doubt', limit: 1 }), ['c_6']);
      deepStrictEqual(await list({ resolutionState: 'ignored' }), ['c_2']);
      deepStrictEqual(await list({ kind: 'expired' }), []);
      deepStrictEqual(await test.journal.failures(PROJECT, { kind: 'duplicate' }), [failures[4]]);
    }
    const partial = record('c_1', 10, { status: 'partial', completed: [], remaining: ['hold 3'] });
    await test.journal.append([test.append('a', { from: 1, failures: [partial] })]);
    deepStrictEqual(await list({ kind: 'failed' }), []);
    deepStrictEqual(await list({ kind: 'partial' }), ['c_3', 'c_1']);
  });

  it('are not stored with an append that conflicts', async () => {
    await test.journal.append([test.append('a')]);
    await test.journal.append([test.append('a', { from: 7, failures: [record('c_1', 10)] })]);
    equal(await test.journal.failure('c_1'), undefined);
    deepStrictEqual(await test.journal.failures(PROJECT), []);
  });
}

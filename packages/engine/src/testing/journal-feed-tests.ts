/** The feed of committed events: order, positions, projects. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import type { ProjectId } from '@orra-ts/protocol';
import type { CommittedPart } from '../journal/journal';
import type { TestFunctions } from './journal-suite';
import { OTHER_PROJECT, PROJECT, type JournalUnderTest } from './journal-under-test';

type Committed = CommittedPart['events'][number];

/** Reads to the end. */
async function readFeed(
  test: JournalUnderTest,
  position: string,
  { projectId = PROJECT, limit = 100 }: { readonly projectId?: ProjectId; readonly limit?: number } = {},
): Promise<Committed[]> {
  const found: Committed[] = [];
  for (;;) {
    const part = await test.journal.committedAfter(projectId, position, limit);
    equal(part.events.length <= limit, true);
    found.push(...part.events);
    position = part.position;
    if (part.atEnd) return found;
  }
}

const namesOf = (committed: readonly Committed[]): string[] =>
  committed.map(({ orchestrationId, event }) => `${orchestrationId.slice(2)}${event.at}`);

export function testFeed(it: TestFunctions['it'], test: JournalUnderTest): void {
  const fill = async (): Promise<void> => {
    await test.journal.append([test.append('a', { count: 2 }), test.append('b', { projectId: OTHER_PROJECT })]);
    await test.journal.append([test.append('c'), test.append('a', { from: 2, open: false })]);
    await test.journal.append([test.append('a', { from: 3 }), test.append('b', { from: 1, projectId: OTHER_PROJECT })]);
  };

  it('has the events of a project in the order of their commits, with any limit', async () => {
    const start = test.journal.position();
    await fill();
    for (const limit of [1, 2, 100]) {
      deepStrictEqual(namesOf(await readFeed(test, start, { limit })), ['a0', 'a1', 'c0', 'a2', 'a3']);
    }
    deepStrictEqual(namesOf(await readFeed(test, start, { projectId: OTHER_PROJECT })), ['b0', 'b1']);
  });

  it('resumes behind each event that it returned, after a restart too', async () => {
    const start = test.journal.position();
    await fill();
    const all = await readFeed(test, start);
    for (const restart of [false, true]) {
      if (restart) await test.reopen();
      for (const [index, { position }] of all.entries()) {
        deepStrictEqual(await readFeed(test, position), all.slice(index + 1));
      }
    }
  });

  it('has nothing behind its position until something is appended', async () => {
    await fill();
    const position = test.journal.position();
    deepStrictEqual(await readFeed(test, position), []);
    await test.journal.append([test.append('d')]);
    deepStrictEqual(namesOf(await readFeed(test, position)), ['d0']);
    await test.reopen();
    deepStrictEqual(namesOf(await readFeed(test, position)), ['d0']);
    deepStrictEqual(await readFeed(test, test.journal.position()), []);
  });

  it('has each event once where an orchestration has very many appends', async () => {
    const start = test.journal.position();
    for (let from = 0; from < 80; from += 1) await test.journal.append([test.append('busy', { from })]);
    const expected = Array.from({ length: 80 }, (_, from) => `busy${from}`);
    deepStrictEqual(namesOf(await readFeed(test, start)), expected);
  });

  it('does not have an append that conflicted', async () => {
    const start = test.journal.position();
    await test.journal.append([test.append('a')]);
    await test.journal.append([test.append('a'), test.append('b')]);
    deepStrictEqual(namesOf(await readFeed(test, start)), ['a0', 'b0']);
  });

  it('refuses a position that it never returned', async () => {
    for (const position of ['', 'nonsense', '-1.end', '1']) {
      await rejects(async () => test.journal.committedAfter(PROJECT, position, 10), { code: 'ORRA_INVALID_POSITION' });
    }
  });
}

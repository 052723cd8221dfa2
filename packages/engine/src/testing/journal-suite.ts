/**
 * The contract of a journal as tests: every implementation of `Journal` must pass it. It uses no test framework of its
 * own, so it runs with the functions of Jest, Vitest or `node:test`.
 */
import { JournalUnderTest, type JournalStore } from './journal-under-test';
import { testAppends } from './journal-append-tests';
import { testFailures } from './journal-failure-tests';
import { testFeed } from './journal-feed-tests';
import { testKeys } from './journal-key-tests';
import { testReads } from './journal-read-tests';

/** The functions of a test framework. */
export interface TestFunctions {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
  readonly beforeEach: (body: () => Promise<void>) => void;
  readonly afterEach: (body: () => Promise<void>) => void;
}

/**
 * Registers the tests of the contract.
 *
 * @param name for the group of tests, such as `SqliteJournal`
 * @param makeStore makes an empty store; called before each test
 * @param functions where the tests are registered
 * @example journalSuite('PostgresJournal', () => PostgresStore.create(), { describe, it, beforeEach, afterEach });
 */
export function journalSuite(name: string, makeStore: () => Promise<JournalStore>, functions: TestFunctions): void {
  const { describe, it, beforeEach, afterEach } = functions;
  const test = new JournalUnderTest();
  describe(`${name} keeps the contract of a journal`, () => {
    beforeEach(async () => {
      await test.use(await makeStore());
    });
    afterEach(() => test.close());
    describe('append', () => testAppends(it, test));
    describe('reading', () => testReads(it, test));
    describe('the feed of committed events', () => testFeed(it, test));
    describe('failure records', () => testFailures(it, test));
    describe('idempotency keys', () => testKeys(it, test));
  });
}

import type { Outcome } from './execution-journal';
import { JournalReplay } from './journal-replay';
import { MemoryJournal } from './memory-journal';

const NOW = 1_000_000;
const TTL_MS = 1_000;

const outcome = (attempt: number): Outcome => ({
  type: 'task_result',
  final: false,
  taskId: 't1',
  executionId: `e_${attempt}`,
  body: `"result":${attempt}`,
});

function replayed(...lines: readonly unknown[]) {
  const memory = new MemoryJournal();
  const replay = new JournalReplay({ memory, now: NOW, ttlMs: TTL_MS });
  for (const line of lines) replay.add(typeof line === 'string' ? line : JSON.stringify(line), NOW - 1);
  return memory.service('a').find('k');
}

describe('X2, X3: lines of a log', () => {
  it('an outcome whose begin record was lost is known', () => {
    expect(replayed(['s', 'a', 'k', outcome(1)])).toMatchObject({ attempts: 1, outcome: outcome(1) });
  });

  it('a repeated begin record does not drop the outcome of its attempt', () => {
    const lines = [['b', 'a', 'k', 1, NOW], ['s', 'a', 'k', outcome(1)], ['b', 'a', 'k', 1, NOW], '["s","a","k",{"ty'];
    expect(replayed(...lines)).toMatchObject({ outcome: outcome(1) });
  });

  it('the next attempt has no outcome until its own', () => {
    const lines = [
      ['b', 'a', 'k', 1, NOW],
      ['s', 'a', 'k', outcome(1)],
      ['b', 'a', 'k', 2, NOW],
    ];
    expect(replayed(...lines)).toMatchObject({ attempts: 2, outcome: undefined });
  });

  it('an outcome of the next attempt replaces an acknowledged one, even if its begin record was lost', () => {
    const lines = [
      ['b', 'a', 'k', 1, NOW],
      ['s', 'a', 'k', outcome(1)],
      ['a', 'a', 'k', NOW],
      ['s', 'a', 'k', outcome(2)],
    ];
    expect(replayed(...lines)).toMatchObject({ attempts: 2, outcome: outcome(2), acknowledged: false });
  });

  it('an outcome after a carried-over entry counts, even if the begin record of its attempt was lost', () => {
    const attempt1 = [
      ['b', 'a', 'k', 1, NOW],
      ['s', 'a', 'k', outcome(1)],
      ['c', 'a', 'k', 1, NOW, outcome(1), null],
    ];
    expect(replayed(...attempt1, ['s', 'a', 'k', outcome(2)])).toMatchObject({ outcome: outcome(2) });
  });

  it('an entry that was carried over is complete, and has no effect on a later attempt', () => {
    const carried = ['c', 'a', 'k', 1, NOW, outcome(1), null];
    expect(replayed(carried)).toMatchObject({ attempts: 1, outcome: outcome(1), acknowledged: false });
    const later = [
      ['b', 'a', 'k', 2, NOW],
      ['s', 'a', 'k', outcome(2)],
    ];
    expect(replayed(...later, carried, ['a', 'a', 'k', NOW])).toMatchObject({
      outcome: outcome(2),
      acknowledged: false,
    });
  });

  it('an entry that was carried over with the outcome of a fenced key has both', () => {
    const lines = [
      ['b', 'a', 'k', 1, NOW],
      ['f', 'a', 'k', 'interrupted', NOW],
      ['c', 'a', 'k', 1, NOW, outcome(1), 'interrupted'],
    ];
    expect(replayed(...lines)).toMatchObject({ attempts: 1, outcome: outcome(1), fence: 'interrupted' });
  });

  it('the ACK of an entry that was carried over counts, also if older lines have the outcome', () => {
    const lines = [
      ['b', 'a', 'k', 1, NOW],
      ['s', 'a', 'k', outcome(1)],
      ['c', 'a', 'k', 1, NOW, outcome(1), null],
      ['a', 'a', 'k', NOW],
    ];
    expect(replayed(...lines)).toMatchObject({ outcome: outcome(1), acknowledged: true });
  });
});

describe('the age of lines', () => {
  const OLD = NOW - TTL_MS - 1;
  const settled = [
    ['b', 'a', 'k', 1, OLD],
    ['s', 'a', 'k', outcome(1)],
  ];

  it('an outcome that is not acknowledged has no TTL', () => {
    expect(replayed(...settled)).toMatchObject({ outcome: outcome(1), acknowledged: false });
  });

  it('the TTL of an outcome counts from its ACK', () => {
    expect(replayed(...settled, ['a', 'a', 'k', NOW - TTL_MS])).toMatchObject({ acknowledged: true });
    expect(replayed(...settled, ['a', 'a', 'k', OLD])).toBeUndefined();
  });

  it('an ACK of an earlier version has the time of its segment', () => {
    expect(replayed(...settled, ['a', 'a', 'k'])).toMatchObject({ acknowledged: true });
  });

  it('X7: a fence is kept as long as an outcome', () => {
    expect(replayed(['f', 'a', 'k', 'not_started', NOW - TTL_MS])).toMatchObject({ fence: 'not_started' });
    expect(replayed(['f', 'a', 'k', 'not_started', OLD])).toBeUndefined();
    expect(replayed(...settled, ['f', 'a', 'k', 'interrupted', OLD])).toMatchObject({ fence: 'interrupted' });
  });
});

it('a line that is not one of a journal is reported', () => {
  const replay = new JournalReplay({ memory: new MemoryJournal(), now: NOW, ttlMs: TTL_MS });
  const added = ['{}', '["s","a"', '["z","a","k"]', '["b","a","k",1,1]'].map((line) => replay.add(line, NOW));
  expect(added).toEqual([false, false, false, true]);
});

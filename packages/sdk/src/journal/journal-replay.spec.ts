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
  const replay = new JournalReplay(memory, () => NOW, TTL_MS);
  for (const line of lines) replay.add(typeof line === 'string' ? line : JSON.stringify(line));
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
      ['a', 'a', 'k'],
      ['s', 'a', 'k', outcome(2)],
    ];
    expect(replayed(...lines)).toMatchObject({ attempts: 2, outcome: outcome(2), acknowledged: false });
  });

  it('an entry that was carried over is complete, and has no effect on a later attempt', () => {
    const carried = ['c', 'a', 'k', 1, NOW, outcome(1)];
    expect(replayed(carried)).toMatchObject({ attempts: 1, outcome: outcome(1), acknowledged: false });
    const later = [
      ['b', 'a', 'k', 2, NOW],
      ['s', 'a', 'k', outcome(2)],
    ];
    expect(replayed(...later, carried, ['a', 'a', 'k'])).toMatchObject({ outcome: outcome(2), acknowledged: false });
  });

  it('an outcome after a carried-over entry counts, even if the begin record of its attempt was lost', () => {
    const attempt1 = [
      ['b', 'a', 'k', 1, NOW],
      ['s', 'a', 'k', outcome(1)],
      ['c', 'a', 'k', 1, NOW, outcome(1), null],
    ];
    expect(replayed(...attempt1, ['s', 'a', 'k', outcome(2)])).toMatchObject({ outcome: outcome(2) });
    expect(replayed(...attempt1, ['a', 'a', 'k'])).toMatchObject({ outcome: outcome(1), acknowledged: true });
  });

  it('what is older than the TTL is forgotten', () => {
    expect(replayed(['b', 'a', 'k', 1, NOW - TTL_MS - 1], ['s', 'a', 'k', outcome(1)])).toBeUndefined();
  });
});

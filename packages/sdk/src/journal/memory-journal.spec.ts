import type { Outcome } from './execution-journal';
import { MemoryJournal } from './memory-journal';

const outcome = (body = '"result":{}'): Outcome => ({
  type: 'task_result',
  final: true,
  taskId: 'task1',
  executionId: 'e_1',
  body,
});

describe('memory journal', () => {
  it('has a key from its begin to its acknowledged outcome', () => {
    const journal = new MemoryJournal().service('a');
    expect(journal.find('k')).toBeUndefined();
    journal.begin('k', 1);
    expect(journal.find('k')).toMatchObject({ attempts: 1, outcome: undefined, acknowledged: false });
    journal.settle('k', outcome());
    journal.acknowledge('k');
    expect(journal.find('k')).toMatchObject({ attempts: 1, outcome: outcome(), acknowledged: true });
    journal.begin('k', 2);
    expect(journal.find('k')).toMatchObject({ attempts: 2, outcome: undefined, acknowledged: false });
  });

  it('X7: keeps a fence as long as an outcome of the same time, and with it the outcome', () => {
    const journal = new MemoryJournal({ maxBytes: 200_000 });
    const service = journal.service('a');
    const acknowledged = (key: string): void => {
      service.begin(key, 1);
      service.settle(key, outcome());
      service.acknowledge(key);
    };
    acknowledged('old');
    for (let n = 0; n < 250; n++) acknowledged(`before${n}`);
    service.fence('old', 'interrupted');
    service.fence('unknown', 'not_started');
    for (let n = 0; n < 180; n++) acknowledged(`k${n}`);
    expect(service.find('old')).toMatchObject({ fence: 'interrupted', outcome: outcome() });
    expect(service.find('unknown')).toMatchObject({ fence: 'not_started', attempts: 0, outcome: undefined });
  });

  it('separates the keys of services', () => {
    const journal = new MemoryJournal();
    journal.service('a').begin('k', 1);
    expect(journal.service('b').find('k')).toBeUndefined();
    expect(journal.service('a')).toBe(journal.service('a'));
  });

  it('stays within its budget, drops the oldest keys first, and keeps at least the newest half', () => {
    const journal = new MemoryJournal({ maxBytes: 200_000 });
    const service = journal.service('a');
    for (let n = 0; n < 5_000; n++) {
      service.begin(`k${n}`, 1);
      service.settle(`k${n}`, outcome('x'.repeat(100)));
      service.acknowledge(`k${n}`);
      expect(journal.health().bytes).toBeLessThanOrEqual(201_000);
    }
    expect(service.find('k0')).toBeUndefined();
    for (let n = 5_000 - 180; n < 5_000; n++) expect(service.find(`k${n}`)).toBeDefined();
  });

  it('X1, X4: never drops running or unacknowledged keys, regardless of the number of later ones', () => {
    const journal = new MemoryJournal({ maxBytes: 20_000 });
    const service = journal.service('a');
    service.begin('running', 1);
    service.begin('unacknowledged', 1);
    service.settle('unacknowledged', outcome());
    for (let n = 0; n < 1_000; n++) {
      service.begin(`k${n}`, 1);
      service.settle(`k${n}`, outcome());
      service.acknowledge(`k${n}`);
    }
    expect(service.find('running')).toMatchObject({ outcome: undefined });
    expect(service.find('unacknowledged')).toMatchObject({ outcome: outcome() });
  });
});

import { nearestNames } from './nearest-names';

describe('names in a message', () => {
  it('are listed with the nearest first, whatever the case', () => {
    expect(nearestNames(['mail', 'ship-order', 'pay'], 'Ship-Ordr')).toBe('ship-order, mail, pay');
    expect(nearestNames(['task2', 'task1', 'other'], 'TASK2')).toBe('task2, task1, other');
  });

  it('are in alphabetical order when nothing was written', () => {
    expect(nearestNames(['b', 'c', 'a'])).toBe('a, b, c');
    expect(nearestNames([])).toBe('');
  });

  it('are as many and as long as somebody reads (E8)', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `${'x'.repeat(1_000)}${index}`);
    const listed = nearestNames(names, 'y'.repeat(1_000_000));
    expect(listed).toMatch(/ and 99992 more$/);
    expect(listed.length).toBeLessThan(400);
  });
});

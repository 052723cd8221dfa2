import fc from 'fast-check';
import { distance, nearestNames } from './nearest-names';

describe('names in a message', () => {
  it('are listed with the nearest first, ignoring case', () => {
    expect(nearestNames(['mail', 'ship-order', 'pay'], 'Ship-Ordr')).toBe('ship-order, mail, pay');
    expect(nearestNames(['task2', 'task1', 'other'], 'TASK2')).toBe('task2, task1, other');
  });

  it('are in alphabetical order without a given name', () => {
    expect(nearestNames(['b', 'c', 'a'])).toBe('a, b, c');
    expect(nearestNames([])).toBe('');
  });

  it('are bounded in number and length (E8)', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `${'x'.repeat(1_000)}${index}`);
    const listed = nearestNames(names, 'y'.repeat(1_000_000));
    expect(listed).toMatch(/ and 99992 more$/);
    expect(listed.length).toBeLessThan(400);
  });

  it('are ranked by their edit distance', () => {
    // The definition: the cost of the first letters, and of the rest.
    const edits = (a: string, b: string): number =>
      a === '' || b === ''
        ? a.length + b.length
        : Math.min(
            edits(a.slice(1), b) + 1,
            edits(a, b.slice(1)) + 1,
            edits(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
          );
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });
    fc.assert(fc.property(word, word, (a, b) => distance(a, b) === edits(a, b)));
    expect(distance('x'.repeat(32), 'y'.repeat(31) + 'x')).toBe(31);
    expect(distance('x'.repeat(60) + 'kit', 'x'.repeat(60) + 'cat')).toBe(2);
  });
});

import { findCycles, levelsOf, longestChain, type GraphTask } from './plan-graph';

/** `graph('a', 'b:a', 'c:a,b')` */
const graph = (...tasks: string[]): GraphTask[] =>
  tasks.map((task) => {
    const [id = '', before = ''] = task.split(':');
    return { id, dependsOn: before.split(',').filter(Boolean) };
  });

describe('cycles', () => {
  it.each([
    [['a', 'b:a', 'c:a,b'], []],
    [['a:b', 'b:a'], ['a b']],
    [['a:a'], ['a']],
    // A task that waits for a cycle is not in one.
    [['d:a', 'a:b', 'b:a'], ['a b']],
    [
      ['a:b', 'b:a', 'c:d', 'd:c,a'],
      ['a b', 'c d'],
    ],
    // The shortest cycle of each task, and each task in one.
    [
      ['a:b', 'b:c,a', 'c:a'],
      ['a b', 'c a b'],
    ],
    [['a:missing'], []],
  ])('of %j are %j', (tasks, cycles) => {
    expect(findCycles(graph(...tasks)).map((cycle) => cycle.join(' '))).toEqual(cycles);
  });
});

it('levels group the tasks that can run concurrently', () => {
  expect(levelsOf(graph('c:a,b', 'b:a', 'a', 'd', 'e:d'))).toEqual([['a', 'd'], ['b', 'e'], ['c']]);
});

describe('the longest chain', () => {
  it.each([
    [['a', 'b:a', 'c:a'], 'a b'],
    [['c:a,b', 'b:a', 'a', 'd'], 'a b c'],
    [['a', 'b'], 'a'],
    [[], ''],
    [['b:missing'], 'b'],
  ])('of %j is %j', (tasks, chain) => {
    expect(longestChain(graph(...tasks)).join(' ')).toBe(chain);
  });
});

import fc from 'fast-check';
import { formatInputPath } from '@orra-ts/protocol';
import { dependenciesOf, findReferences, lookUp, resolveInput } from './references';

const found = (input: Record<string, unknown>): string[] =>
  findReferences(input).map(
    ({ reference, path }) => `${formatInputPath(path)} <- ${reference.taskId}:${reference.path.join('/')}`,
  );

/** Parsed as on the wire: `__proto__` is a member like any other. */
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('finding references', () => {
  it('descends into objects and arrays', () => {
    const input = { a: '$task1.x', b: { c: ['$task2.y.z', { d: '$task0.0' }] }, e: 'text' };
    expect(found(input)).toEqual(['a <- task1:x', 'b.c[0] <- task2:y/z', 'b.c[1].d <- task0:0']);
  });

  it.each(['$100', '$', '$.x', '$task1', '$task1.', 'x $task1.y', '$ task1.y', '$task1. y', '', '$a b.c'])(
    'leaves %j alone',
    (text) => {
      expect(found({ a: text, b: [text] })).toEqual([]);
    },
  );

  it('finds those in members with the names of inherited members', () => {
    const input = json('{ "__proto__": "$task1.x", "constructor": { "toString": "$task2.x" } }');
    expect(found(input)).toEqual(['__proto__ <- task1:x', 'constructor.toString <- task2:x']);
  });

  it('returns each task once, sorted, without task0', () => {
    expect(dependenciesOf({ a: ['$b.x', '$a.x', '$b.y', '$task0.z'] })).toEqual(['a', 'b']);
  });
});

describe('looking up a path', () => {
  const output = json(
    '{ "a": { "b": [10, { "c": null }] }, "a.b": "literal", "x": "text", "n": null, "__proto__": { "p": 1 } }',
  );

  it.each<[string[], unknown]>([
    [['x'], 'text'],
    [['a', 'b'], 'literal'],
    [['a', 'b', '0'], 10],
    [['a', 'b', '1', 'c'], null],
    [['n'], null],
    [['__proto__', 'p'], 1],
  ])('finds %j', (path, value) => {
    expect(lookUp(output, path)).toEqual(value);
  });

  it.each([
    [['nothing']],
    [['n', 'x']],
    [['x', 'length']],
    [['a', 'b', '2']],
    [['a', 'b', '-1']],
    [['a', 'b', 'length']],
    [['a', 'b', '1e0']],
    [['constructor']],
    [['constructor', 'name']],
    [['toString']],
    [['a', '__proto__']],
    [['a', 'hasOwnProperty']],
    [['']],
  ])('finds nothing at %j', (path) => {
    expect(lookUp(output, path)).toBeUndefined();
  });

  it.each([[null], [undefined], ['text'], [5], [[]]])('finds nothing in %j', (value) => {
    expect(lookUp(value, ['x'])).toBeUndefined();
  });
});

describe('resolving an input', () => {
  const outputs: Record<string, unknown> = {
    task0: json('{ "price": "$100", "tricky": "$task1.secret", "deep": { "tricky": ["$task1.secret"] } }'),
    task1: json('{ "secret": "s", "list": [1, 2], "nothing": null, "__proto__": { "polluted": true } }'),
    task2: null,
  };
  const resolve = (input: Record<string, unknown>): Record<string, unknown> => resolveInput(input, (id) => outputs[id]);

  it('replaces references at any depth and keeps everything else', () => {
    expect(resolve({ a: '$task1.secret', b: [{ c: '$task1.list.1' }, 5, null], d: '$100', e: '$task1.list' })).toEqual({
      a: 's',
      b: [{ c: 2 }, 5, null],
      d: '$100',
      e: [1, 2],
    });
  });

  it('does not resolve data that look like references', () => {
    expect(resolve({ a: '$task0.tricky', b: '$task0.deep', c: '$task0.price' })).toEqual({
      a: '$task1.secret',
      b: { tricky: ['$task1.secret'] },
      c: '$100',
    });
  });

  it('omits members without a value, and keeps the positions of items', () => {
    const missing = '$task1.missing';
    expect(
      resolve({ a: missing, b: { c: missing, d: 1 }, e: [missing, 2], f: '$task2.x', g: '$task1.nothing' }),
    ).toEqual({
      b: { d: 1 },
      e: [null, 2],
      g: null,
    });
  });

  it('does not pollute prototypes, for any names', () => {
    const resolved = resolve(
      json('{ "__proto__": "$task1.__proto__", "constructor": "$task1.toString", "x": { "__proto__": { "y": 1 } } }'),
    );
    expect(JSON.stringify(resolved)).toBe('{"__proto__":{"polluted":true},"x":{"__proto__":{"y":1}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
  });

  it('does not change an input without references', () => {
    // Strings without a dot are never references.
    const value = fc.jsonValue().filter((json) => !JSON.stringify(json).includes('.'));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (input) => {
        expect(resolveInput(input, () => ({}))).toEqual(input);
      }),
    );
  });

  it('passes any data unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        expect(resolveInput({ a: '$task0.x', b: ['$task0.x'] }, () => ({ x: data }))).toEqual({ a: data, b: [data] });
      }),
    );
  });
});

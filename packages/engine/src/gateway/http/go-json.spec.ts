import { decodeFirstValue, membersOf } from './go-json';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('the first JSON value of a body', () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    ['{"a":"}"} and more', { a: '}' }],
    ['  {"a":"\\"}"}{"b":2}', { a: '"}' }],
    ['[1,[2]] x', [1, [2]]],
    ['null', null],
    ['null,', null],
    ['"text" x', 'text'],
    ['5 6', 5],
    ['true]', true],
  ])('%s: whatever follows it is ignored', (text, value) => {
    expect(decodeFirstValue(text)).toEqual(value);
  });

  test('an empty body is the Go engine’s EOF', () => {
    expect(messageOf(() => decodeFirstValue(''))).toBe('EOF');
    expect(messageOf(() => decodeFirstValue(' \n'))).toBe('EOF');
  });

  test('a value that does not end is an unexpected EOF', () => {
    expect(messageOf(() => decodeFirstValue('{"a":[1'))).toBe('unexpected EOF');
    expect(messageOf(() => decodeFirstValue('{"a":"}'))).toBe('unexpected EOF');
  });

  test.each(['nope', '{a:1}', '{"a":1,}', '[1 2]', '}'])('%s is refused as no JSON', (text) => {
    expect(() => decodeFirstValue(text)).toThrow(expect.objectContaining({ status: 400 }) as Error);
  });
});

test('members are found in any letter case, null is an object without members, anything else is refused', () => {
  expect(membersOf({ NAME: 'a', other: 1 }, ['name'])).toEqual({ name: 'a', other: 1 });
  expect(membersOf(null, ['name'])).toEqual({});
  expect(messageOf(() => membersOf([1], ['name']))).toBe('json: the body must be an object, found array');
});

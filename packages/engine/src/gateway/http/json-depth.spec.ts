import { JSON_MAX_DEPTH, isNestedTooDeep } from './json-depth';

const nested = (levels: number, [open, close]: readonly [string, string]): string =>
  `${open.repeat(levels)}0${close.repeat(levels)}`;

test.each([
  ['arrays', ['[', ']']],
  ['objects', ['{"a":', '}']],
] as const)('%s may be nested as deep as the limit and no deeper', (_, brackets) => {
  for (const [levels, expected] of [
    [JSON_MAX_DEPTH, false],
    [JSON_MAX_DEPTH + 1, true],
    [100_000, true],
  ] as const) {
    const text = nested(levels, brackets);
    expect(isNestedTooDeep(text, JSON.parse(text))).toBe(expected);
  }
});

test('what is within the limit can be written again', () => {
  const value: unknown = JSON.parse(nested(JSON_MAX_DEPTH, ['[', ']']));
  expect(() => JSON.stringify({ events: [{ data: value }] })).not.toThrow();
});

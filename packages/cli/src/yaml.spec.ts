import { parse } from 'yaml';
import { toYaml } from './yaml';

it.each(['no', 'Yes', 'on', 'OFF', 'y', '1_000', '2026-01-01', '=', '<<', '0b1', '1:20', '0o7', 'null', '~', '1.5'])(
  'the string %j is quoted, because readers of YAML 1.1 or 1.2 would read another type',
  (text) => {
    expect(toYaml({ a: text })).toMatch(/^a: (["']).+\1\n$/);
    expect(parse(toYaml({ a: text }))).toEqual({ a: text });
  },
);

it('control and bidirectional characters are escaped, and readers get the same strings', () => {
  const value = { 'key\u202e': 'x\u009b31m\u007f', list: ['a\u2066b\u200f', '\u001b[31m\nred\u0085'] };
  const encoded = toYaml(value);
  // eslint-disable-next-line no-control-regex -- the characters that must not be there
  expect(encoded).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  expect(parse(encoded)).toEqual(value);
});

it('ordinary strings are not quoted, and long ones are blocks', () => {
  expect(toYaml({ a: 'card refused', b: 'first\nsecond\n' })).toBe('a: card refused\nb: |\n  first\n  second\n');
});

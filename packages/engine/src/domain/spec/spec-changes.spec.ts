import type { Spec } from '@orra-ts/protocol';
import { changesAlong, changesForValue, changesOf, type SpecSide } from './spec-changes';

const ofMember = (x: object): Spec => ({ type: 'object', properties: { x: x as Spec } });
const messagesOf = (changes: Iterable<{ path: string; message: string }>): string[] =>
  [...changes].map(({ path, message }) => `${path} ${message}`.trim());
const changes = (side: SpecSide, before: object, now: object): string[] =>
  messagesOf(changesOf(before as Spec, now as Spec, side));

describe('a rule that changed', () => {
  const TEXT = { type: 'string' };
  const NUMBER = { type: 'number' };
  it.each<[string, object, object, string[], string[]]>([
    ['another type', TEXT, NUMBER, ['type was "string", is "number"'], ['type was "string", is "number"']],
    ['a wider type', { type: 'integer' }, NUMBER, [], ['type was "integer", is "number"']],
    ['one more type', TEXT, { type: ['string', 'number'] }, [], ['type was "string", is ["string","number"]']],
    ['null in addition', TEXT, { type: 'string', nullable: true }, [], ['null was not possible, is']],
    ['a new bound', NUMBER, { type: 'number', minimum: 1 }, ['minimum was not set, is 1'], []],
    ['a wider bound', { type: 'number', maximum: 5 }, { type: 'number', maximum: 9 }, [], ['maximum was 5, is 9']],
    ['a longer string', { type: 'string', maxLength: 5 }, TEXT, [], ['maxLength was 5, is not set']],
    [
      'one option fewer',
      { type: 'string', enum: ['a', 'b'] },
      { type: 'string', enum: ['a'] },
      ['enum was ["a","b"], is ["a"]'],
      [],
    ],
    [
      'one option more',
      { type: 'string', enum: ['a'] },
      { type: 'string', enum: ['b', 'a'] },
      [],
      ['enum was ["a"], is ["b","a"]'],
    ],
    ['a constant', TEXT, { type: 'string', const: 'a' }, ['const was not set, is "a"'], []],
    ['a pattern', TEXT, { type: 'string', pattern: '^a' }, ['pattern was not set, is "^a"'], []],
    [
      'another format',
      { type: 'string', format: 'date' },
      { type: 'string', format: 'time' },
      ['format was "date", is "time"'],
      ['format was "date", is "time"'],
    ],
    ['a condition', TEXT, { ...NUMBER, 'x-conditional': true }, [], ['x-conditional was not set, is true']],
    ['a description', { ...TEXT, description: 'a' }, { ...TEXT, description: 'b', default: 'x' }, [], []],
    [
      'a description within a rule that is compared as a whole',
      { ...TEXT, anyOf: [{ format: 'date', description: 'a' }] },
      { ...TEXT, anyOf: [{ format: 'date', description: 'b' }] },
      [],
      [],
    ],
  ])('%s: breaking for an input, and for an output', (_, before, now, input, output) => {
    const at = (messages: string[]): string[] => messages.map((message) => `.x ${message}`);
    expect(changes('input', ofMember(before), ofMember(now))).toEqual(at(input));
    expect(changes('output', ofMember(before), ofMember(now))).toEqual(at(output));
    // A change that breaks one side extends the other.
    expect(changes('input', ofMember(now), ofMember(before)).length).toBe(output.length);
    expect(changes('output', ofMember(now), ofMember(before)).length).toBe(input.length);
  });
});

describe('members that changed', () => {
  const a = { type: 'string' };
  const object = (properties: object, ...required: string[]): object => ({ type: 'object', properties, required });

  it('a new optional input or an additional output: no change', () => {
    expect(changes('input', object({ a }, 'a'), object({ a, b: a }, 'a'))).toEqual([]);
    expect(changes('output', object({ a }, 'a'), object({ a, b: a }, 'a', 'b'))).toEqual([]);
  });

  it('a removed one is reported for either side', () => {
    expect(changes('input', object({ a, b: a }), object({ b: a }))).toEqual(['.a was {"type":"string"}, is removed']);
    expect(changes('output', object({ a, b: a }), object({ b: a }))).toEqual(['.a was {"type":"string"}, is removed']);
  });

  it('an input that is required now, an output that is optional now', () => {
    expect(changes('input', object({ a }), object({ a }, 'a'))).toEqual([
      '.a was optional, is required ({"type":"string"})',
    ]);
    expect(changes('input', object({ a }), object({ a, b: a }, 'b'))).toEqual([
      '.b was absent, is required ({"type":"string"})',
    ]);
    expect(changes('output', object({ a }, 'a'), object({ a }))).toEqual(['.a was always returned, is optional']);
    expect(changes('input', object({ a }, 'a'), object({ a }))).toEqual([]);
    expect(changes('output', object({ a }), object({ a }, 'a'))).toEqual([]);
  });

  it('are found at any depth, including in lists', () => {
    const of = (type: string): object => object({ lines: { type: 'array', items: object({ n: { type } }) } });
    expect(changes('input', of('integer'), of('string'))).toEqual(['.lines[].n type was "integer", is "string"']);
    expect(changes('output', of('integer'), object({ lines: { type: 'array' } }))).toEqual([
      '.lines items was {"type":"object","properties":{"n":{"type":"integer"}},"required":[]}, is not set',
    ]);
  });
});

describe('a passed value', () => {
  const spec = (type: string, ...required: string[]): Spec =>
    ({
      type: 'object',
      properties: {
        address: { type: 'object', properties: { line: { type }, zip: { type } }, required },
        lines: { type: 'array', items: { type: 'object', properties: { n: { type } } } },
      },
    }) as Spec;
  const changed = (value: unknown, before: Spec, now: Spec): string[] =>
    messagesOf(changesForValue(value, before, now));

  it('relies only on its own members', () => {
    expect(changed({ address: { line: 'x' } }, spec('string'), spec('integer'))).toEqual([
      '.address.line type was "string", is "integer"',
    ]);
    expect(changed({ lines: [{ n: 'x' }, {}, { n: 'y' }] }, spec('string'), spec('integer'))).toEqual([
      '.lines[0].n type was "string", is "integer"',
      '.lines[2].n type was "string", is "integer"',
    ]);
    expect(changed({}, spec('string'), spec('integer'))).toEqual([]);
    expect(changed({ nobodyDeclared: 'x' }, spec('string'), spec('integer'))).toEqual([]);
  });

  it('lacks a newly required member, unless it has it', () => {
    expect(changed({ address: { line: 'x' } }, spec('string'), spec('string', 'line', 'zip'))).toEqual([
      '.address.zip was optional, is required ({"type":"string"})',
    ]);
  });

  it('that is a reference relies on all values that it may have', () => {
    expect(changed({ address: '$task1.address' }, spec('string'), spec('integer'))).toHaveLength(2);
  });
});

describe('a path into an output', () => {
  const output = (address: object, ...required: string[]): Spec =>
    ({ type: 'object', properties: { address, other: { type: 'string' } }, required }) as Spec;
  const lines = (type: string): object => ({ type: 'array', items: { type } });
  const along = (path: string, before: Spec, now: Spec): string[] =>
    messagesOf(changesAlong(path.split('.'), before, now));

  it('relies on every member on its way and on its target', () => {
    const address = (type: string): object => ({ type: 'object', properties: { line: { type } } });
    expect(along('address.line', output(address('string')), output(address('number')))).toEqual([
      '.address.line type was "string", is "number"',
    ]);
    expect(along('address.line', output(address('string')), output({ type: 'string' }))).toEqual([
      '.address.line was {"type":"string"}, is removed',
    ]);
    expect(along('address.line', output(address('string'), 'address'), output(address('string')))).toEqual([
      '.address was always returned, is optional',
    ]);
    expect(along('other', output(address('string')), output(address('number')))).toEqual([]);
    expect(along('address.0', output(lines('string')), output(lines('number')))).toEqual([
      '.address.0 type was "string", is "number"',
    ]);
  });

  it('of a member whose name has dots means that member', () => {
    const dotted = (type: string): Spec => ({ type: 'object', properties: { 'a.b': { type } as Spec } });
    expect(along('a.b', dotted('string'), dotted('number'))).toEqual(['.a.b type was "string", is "number"']);
  });

  it('that never resolved reports nothing', () => {
    expect(along('nope.x', output({ type: 'string' }), output({ type: 'number' }))).toEqual([]);
  });
});

import type { Plan } from '@orra-ts/protocol';
import { planDataProblems } from './plan-data';

const TEXT = { type: 'string' };
const ORDER = { type: 'object', properties: { sku: TEXT, quantity: { type: 'integer' } }, required: ['sku'] };
const planWith = (input: Record<string, unknown>): Plan => ({ tasks: [{ id: 'task1', service: 'stock', input }] });

const messagesOf = (input: Record<string, unknown>, plan = planWith({}), params: string[] = []): string[] =>
  planDataProblems({ params, input, plan }).map(({ taskId, field, message }) =>
    [[taskId, field].filter(Boolean).join('.'), message].join(': '),
  );

describe('names without a property of the input', () => {
  it('are reported at their place, with the nearest property', () => {
    const plan = planWith({ item: { codes: ['$task0.skuu'] }, quantity: '$task0.quantity', hold: '$hold.skuu' });
    expect(messagesOf({ ...ORDER, required: ['sku', 'quantty'] }, plan, ['quantity', 'skuu', 'skuu'])).toEqual([
      'action: {skuu} is not a property of the input; its properties are sku, quantity',
      'input.required[1]: "quantty" is not a property of the input; its properties are quantity, sku',
      'task1.input.item.codes[0]: refers to "skuu", which is not a property of the input; its properties are sku, quantity',
    ]);
    expect(messagesOf({ properties: {} }, planWith({}), ['sku'])).toEqual([
      'action: {sku} is not a property of the input; it has none',
    ]);
  });

  it('are found inside objects and lists', () => {
    const line = { type: 'object', properties: { sku: TEXT }, required: ['skuu'] };
    expect(messagesOf({ properties: { lines: { type: 'array', items: line } } })).toEqual([
      'input.properties.lines.items.required[0]: "skuu" is not a property of the input; its properties are sku',
    ]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['declares no properties', { type: 'object' }],
    ['allows additional properties', { ...ORDER, additionalProperties: true }],
    ['allows additional properties of a schema', { ...ORDER, additionalProperties: TEXT }],
    ['has parts elsewhere', { ...ORDER, allOf: [{ $ref: '#/$defs/more' }] }],
    ['has pattern properties', { ...ORDER, patternProperties: { '^sku': TEXT } }],
  ])('are accepted if the input %s', (_, input) => {
    expect(messagesOf({ ...input, required: ['skuu'] }, planWith({ sku: '$task0.skuu' }), ['skuu'])).toEqual([]);
  });

  it('are rejected if additional properties are forbidden', () => {
    expect(messagesOf({ ...ORDER, additionalProperties: false }, planWith({ sku: '$task0.skuu' }))).toHaveLength(1);
  });

  it('do not include members of a property, dotted names, or constants of task0', () => {
    const { tasks } = planWith({ city: '$task0.address.city', unit: '$task0.a.b', note: '$task0.note' });
    const plan = { tasks: [{ id: 'task0', input: { note: 'gift' } }, ...tasks] };
    expect(messagesOf({ properties: { address: { type: 'object' }, 'a.b': TEXT } }, plan)).toEqual([]);
  });

  it('may be required in one of several schemas for the same value', () => {
    expect(messagesOf({ ...ORDER, then: { properties: { sku: TEXT }, required: ['quantity'] } })).toEqual([]);
  });
});

describe('keywords of the schema', () => {
  it('with an unknown type are reported with the nearest type', () => {
    const input = { properties: { sku: { type: 'strng' }, size: { type: ['integer', 'nul'] }, a: { type: 5 } } };
    expect(messagesOf(input)).toEqual([
      expect.stringMatching(/^input\.properties\.sku\.type: "strng" is not a type; the types are string, /),
      expect.stringMatching(/^input\.properties\.size\.type\[1\]: "nul" is not a type; the types are null, /),
      expect.stringMatching(/^input\.properties\.a\.type: must be the name of a type; the types are array, /),
    ]);
  });

  it.each([
    ['minimun', 'minimum'],
    ['requierd', 'required'],
    ['maxlength', 'maxLength'],
    ['propertes', 'properties'],
    ['tpye', 'type'],
  ])('that are misspelled are reported: %s', (word, keyword) => {
    expect(messagesOf({ type: 'object', anyOf: [{ [word]: 5 }] })).toEqual([
      `input.anyOf[0].${word}: is not a keyword of JSON Schema; write ${keyword}`,
    ]);
  });

  it('may be custom, and names, defaults and examples are not checked', () => {
    const input = {
      properties: { typ: TEXT },
      'x-type': 1,
      when: 1,
      unit: 'kg',
      default: { typ: 1 },
      enum: [{ typ: 1 }],
    };
    expect(messagesOf(input)).toEqual([]);
  });

  it('must list names in `required`', () => {
    expect(messagesOf({ required: true })).toEqual(['input.required: must be a list of names of properties']);
    expect(messagesOf({ required: [5] })).toEqual(['input.required[0]: must be the name of a property']);
  });

  it('are reported up to a bound, and checked down to one (E8)', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => [`p${index}`, { type: 'strng' }] as const);
    expect(messagesOf({ properties: Object.fromEntries(many) })).toHaveLength(100);
    let deep: Record<string, unknown> = { type: 'strng' };
    for (let depth = 0; depth < 100_000; depth++) deep = { not: deep };
    expect(messagesOf(deep)).toEqual([]);
  });
});

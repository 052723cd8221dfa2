import { readParam } from './param-value';

const value = (text: string, schema: unknown): unknown => {
  const reading = readParam(text, schema);
  return reading.ok ? reading.value : { refused: reading.message };
};

describe('a value in an action becomes', () => {
  it.each<[string, unknown, unknown]>([
    ['3', { type: 'integer' }, 3],
    ['3.0', { type: 'integer' }, 3],
    ['-3.5', { type: 'number' }, -3.5],
    ['+7', { type: ['number', 'null'] }, 7],
    ['TRUE', { type: 'boolean' }, true],
    ['false', { type: ['boolean', 'number'] }, false],
    ['007', { type: 'string' }, '007'],
    ['007', { type: ['string', 'number'] }, '007'],
    ['express', { enum: ['Express', 'standard'] }, 'Express'],
    ['next  day!', { type: 'string', enum: ['same day', 'next day'] }, 'next day'],
    ['B', { enum: ['b', 'B'] }, 'B'],
    ['2', { enum: [1, 2] }, 2],
    ['true', { const: true }, true],
    // The type is missing or unknown, so the service decides.
    ['7', {}, '7'],
    ['7', { type: 'no type' }, '7'],
    ['7', { anyOf: [{ type: 'integer' }] }, '7'],
    ['7', undefined, '7'],
  ])('%j for %j: %j', (text, schema, expected) => expect(value(text, schema)).toEqual(expected));
});

describe('a value that does not fit is rejected with what would fit', () => {
  it.each<[string, unknown, string]>([
    [
      'many',
      { type: 'integer' },
      'must be integer, found "many" in the action; submit it as data if it is another value',
    ],
    ['3.5', { type: 'integer' }, 'must be integer, found "3.5"'],
    ['0x10', { type: 'integer' }, 'must be integer'],
    ['1e3', { type: 'number' }, 'must be number'],
    ['1,000', { type: 'number' }, 'must be number'],
    ['Infinity', { type: 'number' }, 'must be number'],
    // JSON would change the number.
    ['12345678901234567890', { type: 'integer' }, 'must be integer'],
    ['yes', { type: 'boolean' }, 'must be true or false, found "yes"'],
    ['null', { type: ['integer', 'null'] }, 'must be integer or null, found "null" in the action'],
    [
      'a, b',
      { type: 'array', items: { type: 'string' } },
      'must be array, found "a, b" in the action, which an action cannot contain: submit it as data',
    ],
    ['{}', { type: 'object' }, 'must be object, found "{}" in the action, which an action cannot contain'],
    ['0', { type: 'integer', minimum: 1 }, 'must be at least 1, found 0 in the action'],
    ['fast', { enum: ['express', 2, null] }, 'must be one of ["express",2,null], found "fast" in the action'],
    ['b', { enum: ['B.', 'B'] }, 'found "b" in the action, which may mean any of ["B.","B"]'],
  ])('%j for %j: %s', (text, schema, message) => {
    expect(value(text, schema)).toEqual({ refused: expect.stringContaining(message) });
  });

  it('of any length, in a message of bounded length', () => {
    const reading = readParam('x'.repeat(200), { enum: Array.from({ length: 1_000 }, (_, i) => `option ${i}`) });
    expect(reading).toMatchObject({ ok: false });
    expect(JSON.stringify(reading).length).toBeLessThan(500);
  });
});

it('options are compared by their words up to a bound, and exactly beyond it (E8)', () => {
  const options = Array.from({ length: 1_500 }, (_, index) => `Option ${index}`);
  const many = { type: 'string', enum: options };
  expect(readParam('option 999', many)).toEqual({ ok: true, value: 'Option 999' });
  expect(readParam('Option 1400', many)).toEqual({ ok: true, value: 'Option 1400' });
  expect(readParam('option 1400', many).ok).toBe(false);
  expect(readParam('a b', { type: 'string', enum: [`a${' '.repeat(1_000)}b`] }).ok).toBe(false);
});

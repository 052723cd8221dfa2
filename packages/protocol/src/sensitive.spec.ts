import {
  SensitiveValues,
  hasSensitive,
  maskSensitive,
  maskSensitiveAt,
  sensitivePaths,
  sensitiveSpecAt,
} from './sensitive';
import type { Spec } from './spec';

const secret: Spec = { type: 'string', 'x-sensitive': true };
const plain: Spec = { type: 'string' };
const object = (properties: Record<string, Spec>): Spec => ({ type: 'object', properties });
const card = object({ number: secret, holder: plain });
const order = object({
  card,
  pin: { type: 'integer', 'x-sensitive': true },
  notes: { type: 'array', items: object({ text: secret, at: plain }) },
  keys: object({ '<key>': secret }),
  more: { type: 'object', properties: { known: plain }, additionalProperties: secret },
});

describe('sensitive members', () => {
  it('are found at any depth of a spec', () => {
    expect([hasSensitive(order), hasSensitive(object({ plain }))]).toEqual([true, false]);
    expect(sensitivePaths(order)).toEqual(['card.number', 'pin', 'notes[].text', 'keys.<key>', 'more.*']);
  });

  it('have a mask instead of their values, and null stays null', () => {
    const value = {
      card: { number: '4111', holder: 'Ann' },
      pin: 7,
      notes: [{ text: 'abc', at: 'x' }, { text: null }],
      keys: { a: '1' },
      more: { known: 'k', other: { deep: [1] } },
      undeclared: 'u',
    };
    expect(maskSensitive(value, order)).toEqual({
      card: { number: '[sensitive]', holder: 'Ann' },
      pin: '[sensitive]',
      notes: [{ text: '[sensitive]', at: 'x' }, { text: null }],
      keys: { a: '[sensitive]' },
      more: { known: 'k', other: '[sensitive]' },
      undeclared: 'u',
    });
  });

  it('can be excepted, as references are', () => {
    const value = { card: { number: '$task0.number', holder: 'Ann' } };
    expect(maskSensitive(value, order, undefined, (one) => String(one).startsWith('$'))).toEqual(value);
  });

  it('are found by the path of a reference, also inside a sensitive member', () => {
    expect(sensitiveSpecAt(order, ['card'])).toBe(card);
    expect(sensitiveSpecAt(order, ['card', 'holder'])).toBeUndefined();
    expect(sensitiveSpecAt(order, ['notes', '0', 'text'])).toBe(secret);
    expect(sensitiveSpecAt(object({ card: secret }), ['card', 'number'])).toMatchObject({ 'x-sensitive': true });
  });

  it('are masked at a path, also if a member has the whole path as its name', () => {
    expect(maskSensitiveAt({ a: [{ b: 'x' }, { b: 'y' }] }, ['a', '1', 'b'], secret)).toEqual({
      a: [{ b: 'x' }, { b: '[sensitive]' }],
    });
    expect(maskSensitiveAt({ 'a.b': 'x', a: { b: 'y' } }, ['a', 'b'], secret)).toEqual({
      'a.b': '[sensitive]',
      a: { b: 'y' },
    });
    expect(maskSensitiveAt({ a: 1 }, ['b'], secret)).toEqual({ a: 1 });
  });
});

describe('sensitive values', () => {
  it('are masked in strings, names and equal numbers, the longest first', () => {
    const values = new SensitiveValues();
    maskSensitive({ card: { number: '4111-317' }, pin: 98765, notes: [{ text: '4111-317-9 (a.b)' }] }, order, values);
    expect(values.mask({ error: 'card 4111-317-9 (a.b) or 4111-317', '4111-317': [98765, 9876, 'pin 98765'] })).toEqual(
      {
        error: 'card [sensitive] or [sensitive]',
        '[sensitive]': ['[sensitive]', 9876, 'pin [sensitive]'],
      },
    );
  });

  it('are masked as JSON quotes them', () => {
    const values = new SensitiveValues();
    values.add('a "b" c');
    expect(values.maskText(`found string ${JSON.stringify('a "b" c')}`)).toBe('found string "[sensitive]"');
  });

  it('that are short are not searched for in other data', () => {
    const values = new SensitiveValues();
    values.add(['abc', 12, true]);
    expect(values.mask({ error: 'abc 12 true' })).toEqual({ error: 'abc 12 true' });
  });
});

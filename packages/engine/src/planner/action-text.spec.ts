import fc from 'fast-check';
import { MAX_PARAM_LENGTH, similarity, matchAction, templateOf, wordsOf, type ActionMatch } from './action-text';
import { canonicalText } from '../domain/plan/canonical-text';

const match = (planText: string, action: string): ActionMatch | undefined =>
  matchAction(templateOf(planText), canonicalText(action));

/** The extracted values, or why there are none. */
function taken(planText: string, action: string): unknown {
  const found = match(planText, action);
  return found?.kind === 'params' ? found.params : found?.kind;
}

describe('the canonical form of an action', () => {
  it.each([
    ['Process  order', 'process order'],
    ['process\n\torder!', 'process order'],
    ['Process order.', 'process order'],
    ['(Process) "order"?!', 'process order'],
    ['ＰＲＯＣＥＳＳ　order', 'process order'],
    ['Cafe\u0301 order', 'caf\u00e9 ORDER'],
    ['order A.17', 'ORDER a.17'],
    ['Ship \u201corder\u201d', '\u00bfship \u00aborder\u00bb?'],
    ['the customer\u2019s order', "the customer's order"],
    ['\u6ce8\u6587\u3002 \u767a\u9001', '\u6ce8\u6587 \u767a\u9001\uff01'],
    ['STRASSE \u039f\u0394\u039f\u03a3', 'stra\u00dfe \u03bf\u03b4\u03bf\u03c2'],
    ['process\u00a0order\u2026', 'process order'],
    ['', '  !? '],
  ])('treats %j and %j as equal', (a, b) => {
    expect(canonicalText(a).text).toBe(canonicalText(b).text);
  });

  it.each([
    ['order A.17', 'order A17'],
    ['order -1', 'order 1'],
    ['order $5', 'order 5'],
    ['process order', 'process orders'],
    ['order - 1', 'order 1'],
    ['order [1]', 'order 1'],
  ])('distinguishes %j from %j', (a, b) => {
    expect(canonicalText(a).text).not.toBe(canonicalText(b).text);
  });

  it('is idempotent, and every character keeps its position in the source', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (source) => {
        const { text, starts, ends } = canonicalText(source);
        expect(canonicalText(text).text).toBe(text);
        expect([starts.length, ends.length]).toEqual([text.length, text.length]);
        expect(starts.every((start, i) => start <= (ends[i] as number) && (ends[i] as number) <= source.length)).toBe(
          true,
        );
      }),
    );
  });
});

describe('values in an action', () => {
  it.each([
    ['Ship order {orderId}', 'ship order A-17!', { orderId: 'A-17' }],
    ['Ship order {orderId}', 'Ship  ORDER "A 17".', { orderId: 'A 17' }],
    ['Ship order #{orderId}', 'ship order #A-17', { orderId: 'A-17' }],
    ['{count} times {what}', '3 times hello world', { count: '3', what: 'hello world' }],
    ['Ship ({orderId}) to {city}', 'ship (A-17) to São Paulo', { orderId: 'A-17', city: 'São Paulo' }],
    ['Convert {from}/{to}', 'convert EUR/USD', { from: 'EUR', to: 'USD' }],
    ['Move {a} to {a}', 'move x to x', { a: 'x' }],
    ['Say {what}', 'say {what else}', { what: '{what else}' }],
    ['Say {what}', 'say $task0.secret', { what: '$task0.secret' }],
    ['Say (.*) {what}', 'say (.*) a+b', { what: 'a+b' }],
    ['Mail {whom}', 'mail Dr.  Ａｎｎａ', { whom: 'Dr.  Ａｎｎａ' }],
  ])('%j extracts from %j %j', (planText, action, params) => {
    expect(taken(planText, action)).toEqual(params);
  });

  it.each([
    ['Ship order {orderId}', 'ship order'],
    ['Ship order {orderId}', 'ship order !'],
    ['Ship order {orderId}', 'please ship order A-17'],
    ['Ship order {orderId}', 'ship orders A-17'],
    ['Ship {a} to {b}', 'ship to Paris'],
    ['Ship {a} to {b} today', 'ship x to today'],
    ['Move {a} to {a}', 'move x to y'],
    ['{anything}', 'whatever'],
    ['{a} {b}', 'whatever else'],
    ['Say (.*)', 'say hello'],
    ['Ship order', 'ship order A-17'],
  ])('%j does not match %j', (planText, action) => {
    expect(match(planText, action)).toBeUndefined();
  });

  it('are not extracted from an action that equals the template; they come from the data', () => {
    expect(match('Ship order {orderId}', 'ship order {orderId}!')).toEqual({ kind: 'verbatim' });
    expect(match('Ship order', 'Ship order.')).toEqual({ kind: 'verbatim' });
  });

  it('that are ambiguous are not chosen; the readings are returned', () => {
    expect(match('Ship {item} to {city}', 'ship letter to mom to Paris')).toEqual({
      kind: 'ambiguous',
      names: ['item', 'city'],
      readings: ['item = "letter", city = "mom to Paris"', 'item = "letter to mom", city = "Paris"'],
    });
    expect(match('Say {a} {b}', 'say one two three four')).toEqual({
      kind: 'ambiguous',
      names: ['a', 'b'],
      readings: [
        'a = "one", b = "two three four"',
        'a = "one two", b = "three four"',
        'a = "one two three", b = "four"',
      ],
    });
  });

  it('with many readings are reported with some of them', () => {
    const found = match('Say {a} {b}', `say ${'la '.repeat(20)}`);
    expect(found).toMatchObject({ kind: 'ambiguous', hasMore: true });
    expect(found?.kind === 'ambiguous' && found.readings).toHaveLength(5);
    expect(match('Say {a} {b} {c} {d} {e}', `say ${'la '.repeat(66)}`)).toMatchObject({ hasMore: true });
  });

  it('are those of the only reading in which a repeated param has one value', () => {
    expect(taken('Move {a} to {a}', 'move x to y to x to y')).toEqual({ a: 'x to y' });
    expect(taken('Move {a} to {a} now', 'move x to x to x now')).toBeUndefined();
  });

  it(`of more than ${MAX_PARAM_LENGTH} characters are not extracted`, () => {
    expect(match('Ship order {orderId}', `ship order ${'x'.repeat(MAX_PARAM_LENGTH)}`)).toMatchObject({
      kind: 'params',
    });
    expect(match('Ship order {orderId}', `ship order ${'x'.repeat(MAX_PARAM_LENGTH + 1)}`)).toBeUndefined();
  });

  const alphanumeric = fc.constantFrom(...Array.from('abcXYZ019éß漢'));
  /** Begins and ends like a word, because punctuation at the ends belongs to the sentence. */
  const value = fc
    .tuple(
      alphanumeric,
      fc.string({ unit: fc.constantFrom(...Array.from('ab0 .-_/@#\'"(){}$\\*+|é')), maxLength: 20 }),
      alphanumeric,
    )
    .map((parts) => parts.join(''));
  /** Never part of a value, so that there is only one reading. */
  const separator = fc.constantFrom(' ⟂ ', ' TO: ⟂ ', '⟂', ' "⟂" ');
  const template = fc.record({
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
    separators: fc.array(separator, { minLength: 3, maxLength: 3 }),
    before: fc.constantFrom('Ship ', 'Order #', '(Ship) '),
    after: fc.constantFrom('', ' today', '!'),
  });

  it('round-trip unchanged, for any values', () => {
    fc.assert(
      fc.property(template, ({ values, separators, before, after }) => {
        const filled = (fill: (index: number) => string): string =>
          before + values.map((_, i) => (i === 0 ? '' : (separators[i - 1] ?? '')) + fill(i)).join('') + after;
        const planText = filled((i) => `{p${i}}`);
        const params = Object.fromEntries(values.map((text, i) => [`p${i}`, text]));
        expect(
          taken(
            planText,
            filled((i) => values[i] as string),
          ),
        ).toEqual(params);
        expect(
          taken(
            planText.toUpperCase().replace(/\{P(\d)\}/g, '{p$1}'),
            filled((i) => values[i] as string),
          ),
        ).toEqual(params);
      }),
    );
  });

  it('extracted from any action are parts of that action, in order', () => {
    const word = fc.constantFrom('ship', 'to', 'a', 'b', '!', 'to to');
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 8 }),
        fc.constantFrom('ship {x} to {y}', '{x} to {y}', 'ship {x}'),
        (words, planText) => {
          const action = words.join(' ');
          const found = match(planText, action);
          if (found?.kind !== 'params') return;
          const rebuilt = planText.replace(/\{(\w)\}/g, (_, name: string) => found.params[name] as string);
          expect(canonicalText(rebuilt).text).toBe(canonicalText(action).text);
        },
      ),
    );
  });

  it('are the only possible ones: a slow search over every division agrees', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '#'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.constantFrom('{x}#{y}', 'a{x}b{y}', '{x} a {y}', '{x}a{y}b{z}', 'a {x} {y}'),
        text,
        (planText, action) => {
          const ways = everyWay(planText, canonicalText(action).text);
          const found = match(planText, action);
          expect(found?.kind).toBe(ways === 0 ? undefined : ways === 1 ? 'params' : 'ambiguous');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

/** Counts the divisions by brute force. */
function everyWay(planText: string, action: string): number {
  const pieces = planText.split(/\{\w\}/);
  const isValue = (text: string): boolean => text !== '' && text === text.trim();
  const count = (index: number, rest: string): number => {
    const piece = pieces[index] as string;
    if (index === pieces.length - 1)
      return rest.endsWith(piece) && isValue(rest.slice(0, rest.length - piece.length)) ? 1 : 0;
    let ways = 0;
    for (let at = 1; at <= rest.length; at++) {
      if (rest.startsWith(piece, at) && isValue(rest.slice(0, at)))
        ways += count(index + 1, rest.slice(at + piece.length));
    }
    return ways;
  };
  const first = pieces[0] as string;
  return action.startsWith(first) ? count(1, action.slice(first.length)) : 0;
}

describe('hostile actions', () => {
  const planText = 'a {x} a {y} a {z} a {w} b';

  it.each([
    ['one letter', 'a'],
    ['the words of the plan', 'a '],
    ['punctuation', '!'],
    ['quotes', '"'],
    ['braces', '{'],
    ['spaces', ' '],
  ])('of 10,000 times %s do not match, in time linear in their length', (_, part) => {
    const action = part.repeat(Math.ceil(10_000 / part.length));
    // Backtracking would take minutes here and exceed the time limit of the test.
    for (let i = 0; i < 20; i++) expect(match(planText, `${action}x`)).toBeUndefined();
  });

  it('with astronomically many readings are reported as ambiguous or as no match just as fast', () => {
    const names = Array.from({ length: 40 }, (_, i) => `{p${i}}`).join(' a ');
    const short = `say ${'a '.repeat(150)}now`;
    for (let i = 0; i < 20; i++) {
      expect(match(`Say ${names} now`, short)).toMatchObject({ kind: 'ambiguous', hasMore: true });
      match(`Say ${names} now`, `say ${'a '.repeat(4_900)}now`);
    }
  });
});

describe('similarity', () => {
  it('is the share of common words, without params', () => {
    expect(similarity(wordsOf('Ship order {orderId}'), wordsOf('ship the order'))).toBeCloseTo(2 / 3);
    expect(similarity(wordsOf('Ship order {orderId}'), wordsOf('SHIP ORDER!'))).toBe(1);
    expect(similarity(wordsOf('Ship order'), wordsOf('Cancel'))).toBe(0);
    expect(similarity(wordsOf('{a}'), wordsOf(''))).toBe(0);
  });
});

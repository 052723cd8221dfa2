import fc from 'fast-check';
import { OrraError, describeThrown, toError } from './orra-error';

class OtherError extends OrraError {}
class NarrowError extends OrraError {}

/** The exports of a second installed copy of this package. */
function secondCopy(): typeof import('./orra-error') {
  let copy: typeof import('./orra-error') | undefined;
  jest.isolateModules(() => (copy = jest.requireActual<typeof import('./orra-error')>('./orra-error')));
  return copy as typeof import('./orra-error');
}

describe('OrraError', () => {
  it('has code, details and cause, and is retryable only if that is set', () => {
    const cause = new Error('below');
    const error = new OrraError('ORRA_X', 'what, where, how', { cause, details: { id: 1 } });
    expect(error).toMatchObject({ name: 'OrraError', code: 'ORRA_X', message: 'what, where, how', retryable: false });
    expect([error.cause, error.details]).toEqual([cause, { id: 1 }]);
    expect(new OrraError('ORRA_X', 'm', { retryable: true })).toMatchObject({ retryable: true, details: {} });
    expect('cause' in new OrraError('ORRA_X', 'm')).toBe(false);
  });

  it('has the name of its class', () => {
    expect(new NarrowError('ORRA_X', 'm').name).toBe('NarrowError');
    expect(String(new NarrowError('ORRA_X', 'm'))).toBe('NarrowError: m');
  });

  it('is recognised across two copies of the package, in both directions', () => {
    const copy = secondCopy();
    expect(copy.OrraError).not.toBe(OrraError);
    expect(new copy.OrraError('ORRA_X', 'm')).toBeInstanceOf(OrraError);
    expect(new NarrowError('ORRA_X', 'm')).toBeInstanceOf(copy.OrraError);
    expect(new Error('m')).not.toBeInstanceOf(OrraError);
    for (const value of [null, undefined, 'text', 1, {}]) expect(value instanceof OrraError).toBe(false);
  });

  it('a subclass recognises only its own instances', () => {
    expect(new NarrowError('ORRA_X', 'm')).toBeInstanceOf(NarrowError);
    expect(new NarrowError('ORRA_X', 'm')).toBeInstanceOf(Error);
    expect(new NarrowError('ORRA_X', 'm')).not.toBeInstanceOf(OtherError);
    expect(new OrraError('ORRA_X', 'm')).not.toBeInstanceOf(NarrowError);
  });

  it('does not show its brand when it is printed or copied', () => {
    expect(Object.keys(new OrraError('ORRA_X', 'm')).sort()).toEqual(['code', 'details', 'name', 'retryable']);
    expect(Object.getOwnPropertySymbols(new OrraError('ORRA_X', 'm')).length).toBe(1);
  });
});

describe('anything thrown', () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  );
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;

  it.each<[string, unknown, string]>([
    ['an error', new Error('boom'), 'boom'],
    ['an error without a message', new Error(''), 'Error'],
    ['an error without anything', Object.assign(new Error(''), { name: '' }), 'Error'],
    ['an error whose message is an object', Object.assign(new Error('x'), { message: { code: 5 } }), '{"code":5}'],
    ['a string', 'boom', 'boom'],
    ['an empty string', '', 'an empty string was thrown'],
    ['null', null, 'null was thrown'],
    ['undefined', undefined, 'undefined was thrown'],
    ['an object with a message', { message: 'boom' }, 'boom'],
    ['an object', { a: 1 }, 'an object was thrown: {"a":1}'],
    ['an empty object', {}, 'an object without a message was thrown'],
    ['a function', () => 1, 'a function was thrown'],
    ['a number', 0, '0'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a bigint', 5n, '5'],
    ['an object that JSON cannot express', cycle, 'a value that cannot be described was thrown'],
    ['an object that throws on every access', hostile, 'a value that cannot be described was thrown'],
  ])('%s has a text', (_, thrown, text) => {
    expect(describeThrown(thrown)).toBe(text);
  });

  it('any value: the description is never empty, and the value can be converted to an error', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (thrown) => {
        expect(describeThrown(thrown)).not.toBe('');
        const error = toError(thrown);
        expect(error).toBeInstanceOf(Error);
        expect(error.cause).toBe(thrown);
      }),
    );
  });

  it('an error is returned unchanged', () => {
    const error = new OrraError('ORRA_X', 'm');
    expect(toError(error)).toBe(error);
  });
});

import { OrraError } from './orra-error';

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

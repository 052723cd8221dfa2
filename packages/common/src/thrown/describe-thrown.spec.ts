import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { OrraError } from '../orra-error';
import { describeThrown, stackOfThrown, toError } from './describe-thrown';

const bytes = (text: string): number => new TextEncoder().encode(text).length;

const throwing = (): never => {
  throw new Error('no');
};

/** Throws on every access. */
const hostile = new Proxy({}, { get: throwing, ownKeys: throwing, getPrototypeOf: throwing });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const withMessage = (message: unknown): Error => Object.assign(new Error('x'), { message });

function cycle(): Error {
  const error: { cause?: unknown } = new Error('first');
  error.cause = new Error('second', { cause: error });
  return error as Error;
}

/** Each cause has a new cause. */
const endless = (): object => ({
  message: 'again',
  get cause() {
    return endless();
  },
});

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe('anything thrown has a description', () => {
  it.each<[string, unknown, string]>([
    ['an error', new Error('boom'), 'boom'],
    ['an error without a message', new Error(''), 'Error'],
    ['an error without anything', Object.assign(new Error(''), { name: '' }), 'Error'],
    ['an error with a blank message', Object.assign(new TypeError(' \n'), {}), 'TypeError'],
    ['a message that is an object', withMessage({ code: 5 }), '{"code":5}'],
    ['a message that is a bigint', withMessage(5n), '5'],
    ['a message that is a symbol', withMessage(Symbol('s')), 'Symbol(s)'],
    ['a message that contains a bigint', withMessage({ id: 5n }), '{"id":"5"}'],
    ['a message that is a cycle', withMessage(cyclic), 'Error'],
    ['a message that is a function', withMessage(() => 1), 'Error'],
    ['a message whose toJSON throws', withMessage({ toJSON: throwing }), 'Error'],
    ['a getter that throws', Object.defineProperty(new Error('x'), 'message', { get: throwing }), 'Error'],
    ['an error of another realm', runInNewContext('new TypeError("")'), 'TypeError'],
    ['a DOMException', new DOMException('aborted', 'AbortError'), 'aborted'],
    ['a string', 'boom', 'boom'],
    ['an empty string', '', 'an empty string was thrown'],
    ['null', null, 'null was thrown'],
    ['undefined', undefined, 'undefined was thrown'],
    ['an object with a message', { message: 'boom' }, 'boom'],
    ['an object without a message', { token: 's3cret' }, 'an object without a message was thrown (its members: token)'],
    ['an empty object', {}, 'an object without a message was thrown'],
    ['an object without a prototype', Object.create(null), 'an object without a message was thrown'],
    ['a function', () => 1, 'a function was thrown'],
    ['a number', 0, '0'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a bigint', 5n, '5'],
    ['an object that throws on every access', hostile, 'an object without a message was thrown, and it cannot be read'],
    ['a revoked proxy', revoked(), 'an object without a message was thrown, and it cannot be read'],
  ])('%s', (_, thrown, text) => {
    expect(describeThrown(thrown)).toBe(text);
  });

  it('any value: the description is not empty, and the value can be converted to an error', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (thrown) => {
        expect(describeThrown(thrown).trim()).not.toBe('');
        const error = toError(thrown);
        expect(error).toBeInstanceOf(Error);
        expect(error.cause).toBe(thrown);
      }),
    );
  });

  it('a message of 10 MB is cut between two characters, and its length is named', () => {
    const text = describeThrown(new Error('ü€😀'.repeat(2_600_000)));
    expect(bytes(text)).toBeLessThanOrEqual(8 * 1024);
    expect(text).toMatch(/😀?ü?€?\.\.\. \(10400000 characters\)$/u);
    expect(text).not.toContain('\ufffd');
  });
});

describe('the causes of an error are in its description', () => {
  it.each<[string, unknown, string]>([
    ['a cause', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), 'fetch failed: ECONNREFUSED'],
    ['causes of causes', new Error('a', { cause: new Error('b', { cause: 'c' }) }), 'a: b: c'],
    [
      'a message that repeats its cause',
      new Error('not saved: disk full; free space', { cause: new Error('disk full') }),
      'not saved: disk full; free space',
    ],
    [
      'the inner errors of an AggregateError',
      new AggregateError([new Error('A is down'), new Error('B is down')], 'all failed'),
      'all failed: A is down; B is down',
    ],
    ['an AggregateError without a message', new AggregateError([new Error('down')]), 'AggregateError: down'],
    ['a cycle', cycle(), 'first: second'],
    ['a cause that is a method', Object.assign(new Error('a'), { cause: () => 1 }), 'a'],
    ['a cause that cannot be read', Object.defineProperty(new Error('a'), 'cause', { get: throwing }), 'a'],
  ])('%s', (_, thrown, text) => {
    expect(describeThrown(thrown)).toBe(text);
  });

  it('an endless chain and thousands of inner errors end', () => {
    expect(describeThrown(endless())).toBe('again');
    const many = Array.from({ length: 100_000 }, (_, index) => new Error(`error ${index}`));
    expect(describeThrown(new AggregateError(many, 'many'))).toMatch(/^many: error 0; .*error 19$/);
  });
});

describe('the stack of a thrown value', () => {
  it('has those of its causes', () => {
    const stack = stackOfThrown(new Error('outer', { cause: new TypeError('inner') })) ?? '';
    expect(stack).toMatch(/^Error: outer\n +at .*\n(.*\n)*caused by: TypeError: inner\n +at /);
  });

  it('keeps its lines when the message is large', () => {
    const stack = stackOfThrown(new Error('x'.repeat(10_000_000))) ?? '';
    expect(bytes(stack)).toBeLessThan(20_000);
    expect(stack).toContain('describe-thrown.spec.ts');
  });

  it.each<[string, unknown]>([
    ['a string', 'boom'],
    ['an object that throws on every access', hostile],
    ['a stack that is not a string', Object.assign(new Error('x'), { stack: 5 })],
  ])('is absent for %s', (_, thrown) => {
    expect(stackOfThrown(thrown)).toBeUndefined();
  });
});

it('an error is returned unchanged', () => {
  const error = new OrraError('ORRA_X', 'm');
  expect(toError(error)).toBe(error);
});

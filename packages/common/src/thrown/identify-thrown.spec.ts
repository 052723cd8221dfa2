import { AxiosError, AxiosHeaders } from 'axios';
import { OrraError } from '../orra-error';
import { identifyThrown } from './identify-thrown';

const LIMIT = 16 * 1024;
const identify = (thrown: unknown): ReturnType<typeof identifyThrown> => identifyThrown(thrown, LIMIT);
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const throwing = (): never => {
  throw new Error('no getter');
};
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

function axiosError(): AxiosError {
  const headers = new AxiosHeaders({ Authorization: 'Bearer s3cret', Cookie: 's3cret' });
  const config = { headers, auth: { username: 'u', password: 's3cret' }, url: 'https://host/?key=s3cret' };
  const response = { status: 402, statusText: 'No', headers: { 'set-cookie': ['s3cret'] }, config, data: 's3cret' };
  return new AxiosError('Request failed with status code 402', 'ERR_BAD_REQUEST', config, { config }, response);
}

it('an error has its name, its code, its details and its causes', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
  expect(identify(new OrraError('CARD_REFUSED', 'refused', { details: { limit: 317 }, cause }))).toEqual({
    name: 'OrraError',
    code: 'CARD_REFUSED',
    details: { limit: 317 },
    causes: [{ message: 'connect ECONNREFUSED', name: 'Error', code: 'ECONNREFUSED' }],
  });
});

it.each<[string, unknown]>([
  ['itself', axiosError()],
  ['as a cause', new Error('not charged', { cause: axiosError() })],
  ['inside an AggregateError', new AggregateError([axiosError()])],
  ['in details', new OrraError('X', 'm', { details: { error: axiosError(), list: [axiosError()] } })],
  ['as details', Object.assign(new Error('m'), { details: axiosError() })],
  ['as a message', Object.assign(new Error('m'), { message: axiosError() })],
  ['its response, thrown', axiosError().response],
  ['its response as a cause', new Error('m', { cause: axiosError().response })],
])('no header and no body of an AxiosError is sent: %s', (_, thrown) => {
  expect(JSON.stringify(identify(thrown))).not.toContain('s3cret');
});

it('an AxiosError keeps its name and code', () => {
  expect(identify(axiosError())).toEqual({ name: 'AxiosError', code: 'ERR_BAD_REQUEST' });
});

it.each<[string, unknown, unknown]>([
  ['a number', 402, '402'],
  ['a bigint', 5n, '5'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['an object', { a: 1 }, undefined],
  ['an empty string', '', undefined],
  ['a long string', 'x'.repeat(1_000_000), expect.stringMatching(/^x+\.\.\. \(1000000 characters\)$/)],
])('a code that is %s', (_, code, sent) => {
  expect(identify(Object.assign(new Error('m'), { code })).code).toEqual(sent);
});

it.each<[string, unknown, unknown]>([
  ['a string', 'the card expired', 'the card expired'],
  ['a list with a bigint', [5n], ['5']],
  ['an error', new TypeError('inner'), { name: 'TypeError', message: 'inner' }],
  ['a value with toJSON', { toJSON: () => ({ a: 1 }) }, { a: 1 }],
  ['an empty object', {}, undefined],
  ['a function', () => 1, undefined],
  ['a cycle', cyclic, { orra: expect.stringMatching(/left out \(Converting circular/) }],
  ['a toJSON that throws', { toJSON: throwing }, { orra: expect.stringContaining('(no getter)') }],
  [
    'a getter that throws',
    Object.defineProperty({}, 'a', { get: throwing, enumerable: true }),
    { orra: expect.any(String) },
  ],
  ['too large', { a: 'x'.repeat(LIMIT) }, { orra: expect.stringContaining('bytes') }],
  ['too deep', nested(500), { orra: expect.stringContaining('levels deep') }],
])('details that are %s', (_, details, sent) => {
  expect(identify(Object.assign(new Error('m'), { details })).details).toEqual(sent);
});

it('at most five levels of causes and the given number of bytes are sent', () => {
  const chain = (levels: number): Error => new Error(`level ${levels}`, { cause: levels > 0 ? chain(levels - 1) : 0 });
  expect(identify(chain(50)).causes).toHaveLength(5);
  const large = Array.from({ length: 100 }, () =>
    Object.assign(new Error('x'.repeat(5_000)), { details: 'y'.repeat(5_000) }),
  );
  const identified = identify(new AggregateError(large));
  expect(identified.causes?.length).toBeGreaterThan(1);
  expect(sizeOf(identified)).toBeLessThan(LIMIT + 1_000);
});

it.each<[string, unknown]>([
  ['undefined', undefined],
  ['a string', 'boom'],
  ['a proxy that throws on every access', new Proxy({}, { get: throwing })],
  ['an object without a prototype', Object.create(null)],
])('%s has no identity', (_, thrown) => {
  expect(JSON.stringify(identify(thrown))).toBe('{}');
});

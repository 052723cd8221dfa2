import { OrraError } from '@orra-ts/common';
import { parseData } from './data';

describe('name:value', () => {
  it.each([
    ['orderId:A-17', { orderId: 'A-17' }],
    ['n:5', { n: '5' }],
    ['ok:true', { ok: 'true' }],
    ['empty:', { empty: '' }],
    ['url:http://a.test:80/x', { url: 'http://a.test:80/x' }],
    ['note: padded ', { note: ' padded ' }],
    ['__proto__:x', Object.fromEntries([['__proto__', 'x']])],
  ])('%s is an unchanged string', (item, expected) => {
    expect(parseData([item])).toEqual(expected);
  });

  it.each(['tags:a,b,c', 'note:Hello, world', 'half:{"a":1,', 'half:[1,2'])(
    '%s stays a string: commas do not separate values',
    (item) => {
      const [name = '', value] = item.split(/:([^]*)/);
      expect(parseData([item])).toEqual({ [name]: value });
    },
  );

  it.each([
    ['items:[{"sku":"x","qty":2}]', [{ sku: 'x', qty: 2 }]],
    ['opts:{"a":1}', { a: 1 }],
    ['two:{"a":1,"b":2}', { a: 1, b: 2 }],
    ['spread: {\n"a": [1]\n} ', { a: [1] }],
  ])('%s is JSON by its brackets', (item, expected) => {
    expect(Object.values(parseData([item]))).toEqual([expected]);
  });
});

describe('name:=json', () => {
  it.each([
    ['n:=5', 5],
    ['n:=-1.5e3', -1500],
    ['ok:=true', true],
    ['gone:=null', null],
    ['text:="5"', '5'],
    ['list:=[1,"a"]', [1, 'a']],
  ])('%s is typed', (item, expected) => {
    expect(Object.values(parseData([item]))).toEqual([expected]);
  });
});

describe('errors', () => {
  it.each(['nocolon', ':value', ''])('%j lacks a name or a colon', (item) => {
    expect(() => parseData([item])).toThrow(expect.objectContaining({ code: 'ORRA_INVALID_DATA', exitCode: 1 }));
  });

  it.each([
    ['orderId=A-1', 'has no colon', 'write orderId:A-1'],
    ['orderId', 'has no colon', 'write name:value'],
    [':value', 'has no name', 'write name:value'],
    ['amount:=fifty', 'is not JSON', 'write a string without the =: amount:fifty'],
  ])('%s %s: %s', (item, message, next) => {
    expect(() => parseData([item])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        next: expect.stringContaining(next),
      }),
    );
  });

  it.each(['n:=', 'n:=[five', 'items:[1,}]', "opts:{'a':1}"])(
    '%s is not JSON, and the error says how to write it',
    (item) => {
      let thrown: unknown;
      try {
        parseData([item]);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(OrraError);
      expect(thrown).toMatchObject({ code: 'ORRA_INVALID_DATA', next: expect.stringContaining('quote it') });
    },
  );

  it('a later value of a name replaces an earlier one', () => {
    expect(parseData(['a:1', 'a:2'])).toEqual({ a: '2' });
  });
});

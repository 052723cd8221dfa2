import { ActionWords } from './action-words';

const said = (action: string, value: string | number): boolean => new ActionWords(action).include(value);

describe('words of an action', () => {
  it.each<[string, string | number]>([
    ['Ship order A-17 to Paris!', 'A-17'],
    ['Ship order A-17 to Paris!', 'a-17'],
    ['Ship order A-17 to Paris!', 'PARIS'],
    ['Ship it to "New   York", please', 'New York'],
    ['Ship it to (New York)', 'new york'],
    ['ship order #17', '17'],
    ['ship order #17', '#17'],
    ['pay $100', '100'],
    ['pay $100', 100],
    ['pay $5.00 now', 5],
    ['pay 1,250.50 EUR', 1250.5],
    ['change by -5', -5],
    ['raise by 10%', 10],
    ['convert EUR/USD', 'USD'],
    ['order:A-17,qty:3', 'A-17'],
    ['order:A-17,qty:x', 'qty'],
    ["mail Bob's friend", 'Bob'],
    ['注文17を送る', 17],
    ['注文を送る', '注文'],
    ['Cafe\u0301', 'café'],
    ['ask (.*) why', '(.*)'],
    ['0', 0],
  ])('%j contains %j', (action, value) => {
    expect(said(action, value)).toBe(true);
  });

  it.each<[string, string | number]>([
    ['Ship order A-17', 'A-1'],
    ['Ship order A-17', '17'],
    ['Ship order A-17', 17],
    ['Ship order A17', 'A'],
    ['Ship to Paris', 'Par'],
    ['Ship to Paris', 'Berlin'],
    ['Ship to Paris', ''],
    ['Ship to Paris!', '!'],
    ['Ship to New York', 'York New'],
    ['costs 1.5', 1],
    ['costs 1.5', '5'],
    ['costs 1,000', 1],
    ['costs 1,000', '000'],
    ['at 10:30', 30],
    ['at 10:30', '10'],
    ['change by -5', 5],
    ['10kg', 10],
    ['ask a why', '.'],
    ['', 'x'],
    ['', 0],
  ])('%j does not contain %j', (action, value) => {
    expect(said(action, value)).toBe(false);
  });

  it('of a hostile length are read up to a bound (E8)', () => {
    const words = new ActionWords(`first ${'1,000,'.repeat(1_000_000)} last`);
    expect(words.include('first')).toBe(true);
    expect(words.include('last')).toBe(false);
    expect(words.include(5)).toBe(false);
    expect(words.include('x'.repeat(1_000_000))).toBe(false);
    expect(new ActionWords('a '.repeat(5_000)).include('a '.repeat(4_999) + 'b')).toBe(false);
  });
});

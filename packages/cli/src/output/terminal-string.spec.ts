import { wrapTo } from './terminal-string';

describe('wrapping', () => {
  it('breaks between words, and inside words that are longer than a line', () => {
    expect(wrapTo('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapTo('to abcdefghij end', 4)).toEqual(['to', 'abcd', 'efgh', 'ij', 'end']);
    expect(wrapTo('注文注文 x', 4)).toEqual(['注文', '注文', 'x']);
  });

  it('does not change strings that fit, or without a width', () => {
    expect(wrapTo('one  two', 8)).toEqual(['one  two']);
    expect(wrapTo('one two three', undefined)).toEqual(['one two three']);
  });
});

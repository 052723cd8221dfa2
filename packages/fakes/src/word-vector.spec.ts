import { wordVector } from './word-vector';

const cosine = (one: string, other: string): number => {
  const second = wordVector(other);
  return wordVector(one).reduce((sum, value, index) => sum + value * second[index]!, 0);
};

describe('the vector of an input', () => {
  it.each(['', ' ', 'ship', 'Ship the order to Łódź, 3 days'])('%j has length 1 and 64 dimensions', (text) => {
    expect(wordVector(text)).toHaveLength(64);
    expect(Math.hypot(...wordVector(text))).toBeCloseTo(1);
  });

  it('is deterministic', () => {
    expect(wordVector('ship the order')).toEqual(wordVector('ship the order'));
  });

  it.each([
    ['ship the order', 'order the ship'],
    ['ship', 'Ship'],
    ['', ' '],
  ])('differs between %j and %j', (one, other) => {
    expect(wordVector(one)).not.toEqual(wordVector(other));
  });

  it('is similar for inputs that share words, and different for others', () => {
    expect(cosine('ship the order today', 'ship the order now')).toBeGreaterThan(0.6);
    expect(Math.abs(cosine('ship the order today', 'refund my ticket please'))).toBeLessThan(0.4);
  });
});

import fc from 'fast-check';
import { JsonSizes } from './json-size';

describe('the size of a value as JSON', () => {
  it('is the number of bytes that JSON.stringify creates', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })).map(toText));
    const value = fc.letrec((nested) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false, undefined, NaN, -0, 1e21, 1e-7),
        fc.double(),
        text,
        fc.array(nested('value')),
        fc.dictionary(text, nested('value')),
      ),
    })).value;
    fc.assert(
      fc.property(value, (one) => {
        const json = JSON.stringify(one) as string | undefined;
        expect(new JsonSizes().of(one)).toBe(json === undefined ? 0 : Buffer.byteLength(json));
      }),
    );
  });

  it('counts a repeated value each time it occurs, and reads it once', () => {
    let reads = 0;
    const large = Object.defineProperty({ text: 'x'.repeat(1_000) }, 'read', {
      enumerable: true,
      get: () => ++reads,
    });
    const size = new JsonSizes().of(Array.from({ length: 10_000 }, () => large));
    expect(reads).toBe(1);
    expect(size).toBe(10_000 * (1_000 + '{"text":"","read":1}'.length + 1) + 1);
  });
});

const toText = (codes: readonly number[]): string => String.fromCharCode(...codes);

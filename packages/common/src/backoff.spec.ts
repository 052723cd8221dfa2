import fc from 'fast-check';
import { exponentialMs, fullJitterMs, jitteredMs } from './backoff';

const options = fc.record({ baseMs: fc.integer({ min: 1, max: 60_000 }), capMs: fc.integer({ min: 1, max: 600_000 }) });
const retry = fc.nat({ max: 10_000 });
const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

it('doubles from the base until the cap', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6].map((count) => exponentialMs({ baseMs: 2_000, capMs: 30_000 }, count));
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('never exceeds the cap and never decreases, for any number of retries', () => {
  fc.assert(
    fc.property(options, retry, (given, count) => {
      const wait = exponentialMs(given, count);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(given.capMs);
      expect(exponentialMs(given, count + 1)).toBeGreaterThanOrEqual(wait);
    }),
  );
});

it('full jitter is between 0 and the exponential back-off', () => {
  fc.assert(
    fc.property(options, retry, luck, (given, count, random) => {
      const wait = fullJitterMs(given, count, () => random);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(exponentialMs(given, count));
    }),
  );
  expect(fullJitterMs({ baseMs: 100, capMs: 1_000 }, 1, () => 0)).toBe(0);
  expect(fullJitterMs({ baseMs: 100, capMs: 1_000 }, 1, () => 0.75)).toBe(150);
});

it('a back-off with jitter stays within its share of the exponential one, on both sides', () => {
  fc.assert(
    fc.property(options, retry, luck, (given, count, random) => {
      const exact = exponentialMs(given, count);
      const wait = jitteredMs(given, count, 0.1, () => random);
      expect(Math.abs(wait - exact)).toBeLessThanOrEqual(exact * 0.1 + 1e-9);
    }),
  );
  const at = (random: number) => jitteredMs({ baseMs: 1_000, capMs: 9_000 }, 0, 0.1, () => random);
  expect([at(0), at(0.5), at(0.75)]).toEqual([900, 1_000, 1_050]);
});

import fc from 'fast-check';
import { type Duration, durationMs } from './duration';

it.each<[Duration, number]>([
  [250, 250],
  [0, 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
  [' 30s ' as Duration, 30_000],
])('%j is %d ms', (duration, ms) => {
  expect(durationMs(duration)).toBe(ms);
});

it('a number with a unit is a multiple of the unit', () => {
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (amount, unit) => {
      expect(durationMs(`${amount}${unit}`)).toBe(amount * units[unit]);
    }),
  );
});

it.each<[unknown, string]>([
  ['30', '"30"'],
  ['', '""'],
  ['-5s', '"-5s"'],
  ['1e3s', '"1e3s"'],
  ['1h30m', '"1h30m"'],
  ['30 s', '"30 s"'],
  ['30S', '"30S"'],
  [-1, '-1'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [null, 'a value of type object'],
  [undefined, 'a value of type undefined'],
  [5n, 'a value of type bigint'],
])('%p is refused, with the name of the option and what to write', (value, shown) => {
  const give = () => durationMs(value as Duration, 'drainTimeout');
  expect(give).toThrow(`drainTimeout: ${shown} is not a valid duration`);
  expect(give).toThrow(expect.objectContaining({ code: 'ORRA_INVALID_DURATION' }));
  expect(give).toThrow(/'30s'/);
});

it('any string is a valid duration or is refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(durationMs(text as Duration)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ORRA_INVALID_DURATION' });
      }
    }),
  );
});

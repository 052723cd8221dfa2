import { formatAge, formatElapsed, formatSpan, timeFormat } from './time';

const now = Date.UTC(2026, 10, 22, 9, 30, 0);
const ago = (ms: number): string => new Date(now - ms).toISOString();
const HOUR = 3_600_000;

describe('ages', () => {
  it.each([
    [0, 'just now'],
    [59_999, 'just now'],
    [-HOUR, 'just now'],
    [60_000, '1m'],
    [59 * 60_000, '59m'],
    [HOUR, '1h'],
    [23.9 * HOUR, '23h'],
    [49 * HOUR, '2d'],
  ])('%i ms: %s', (ms, age) => {
    expect(formatAge(ago(ms), now)).toBe(age);
  });

  it('of an invalid time are unknown', () => {
    expect(formatAge('', now)).toBe('?');
  });
});

describe('spans', () => {
  it.each([
    [0, '0ms'],
    [102_679_007, '102ms'],
    [34.71e9, '34.7s'],
    [324e9, '5.4m'],
    [5 * 3.6e12, '5.0h'],
    [36 * 3.6e12, '1.5d'],
    [-1, '0ms'],
  ])('%i ns: %s', (ns, span) => {
    expect(formatSpan(ns)).toBe(span);
  });

  it('elapsed times are in seconds at least', () => {
    expect([formatElapsed(801e6), formatElapsed(34.7e9)]).toEqual(['0.8s', '34.7s']);
  });
});

describe('times', () => {
  it('are in the time zone', () => {
    const { time, dateTime } = timeFormat('Asia/Tokyo');
    expect([time('2026-11-22T18:28:11.8Z'), dateTime('2026-11-22T18:28:11Z')]).toEqual([
      '03:28:11',
      '2026-11-23 03:28:11',
    ]);
  });

  it('that are invalid do not throw', () => {
    expect(timeFormat('UTC').time('soon')).toBe('??:??:??');
  });
});

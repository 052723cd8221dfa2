import { checkClock, checkNode } from './doctor';

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('%s is supported', (version) => {
    expect(checkNode(version)).toMatchObject({ status: 'ok' });
  });

  it.each(['18.20.4', '20.18.3'])('%s is too old, and the check names the version to install', (version) => {
    expect(checkNode(version)).toMatchObject({ status: 'failed', next: expect.stringContaining('20.19') });
  });
});

describe('the clock', () => {
  const now = Date.UTC(2026, 10, 22, 9, 30, 0);
  const header = (ms: number): string => new Date(now + ms).toUTCString();

  it.each([
    ['the same', 0, 10],
    ['within the second that the header has no room for', -990, 10],
    ['a little off', 4_000, 10],
    ['a slow answer, written when it was asked for', 0, 60_000],
  ])('matches: %s', (_, theirs, took) => {
    expect(checkClock(header(theirs), now, now + took)).toMatchObject({ status: 'ok' });
  });

  it.each([
    [120_000, '120 s ahead of'],
    [-120_000, 'behind'],
  ])('differs by %i ms', (theirs, words) => {
    expect(checkClock(header(theirs), now, now)).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining(words),
    });
  });

  it('is skipped when the engine sends no date', () => {
    expect(checkClock(undefined, now, now)).toMatchObject({ status: 'skipped' });
  });
});

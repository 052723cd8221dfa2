import { progressBar, progressOf } from './progress';

describe('progress of updates', () => {
  it.each([
    ['the newest that says one', [{ progress: 25 }, { percentComplete: 50 }, { message: 'almost' }], 50],
    ['none', [{ message: 'hello' }, 'text', null, { progress: '50' }, { progress: Number.NaN }], undefined],
  ])('%s', (_, updates, expected) => {
    expect(progressOf(updates)).toBe(expected);
  });
});

describe('the bar', () => {
  it.each([
    [0, '[>                   ] 0%'],
    [50, '[==========>         ] 50%'],
    [80, '[================>   ] 80%'],
    [100, '[====================] 100%'],
    [250, '[====================] 250%'],
    [-5, '[>                   ] -5%'],
  ])('%i', (percent, bar) => {
    expect(progressBar(percent)).toBe(bar);
  });
});

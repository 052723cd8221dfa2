import { anchorClock, sleep, systemClock } from './clock';
import { ManualClock } from './manual-clock';

describe('the system clock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('can wait longer than 24.8 days, the limit of timers in Node, without firing early', () => {
    const callback = jest.fn();
    const days = 86_400_000;
    systemClock.setTimer(60 * days, callback);
    jest.advanceTimersByTime(60 * days - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('a long timer can be cleared in any of its steps', () => {
    const callback = jest.fn();
    const timer = systemClock.setTimer(2 ** 33, callback);
    jest.advanceTimersByTime(2 ** 32);
    timer.clear();
    timer.clear();
    jest.advanceTimersByTime(2 ** 33);
    expect(callback).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('may be cleared after it has fired', () => {
    const callback = jest.fn();
    const timer = systemClock.setTimer(-1, callback);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    timer.clear();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('E11: monotonic time continues when the wall clock is set back', () => {
    const startMs = systemClock.monotonicMs();
    jest.advanceTimersByTime(10);
    jest.setSystemTime(0);
    expect(systemClock.monotonicMs() - startMs).toBe(10);
  });

  it('returns the time of the system', () => {
    jest.setSystemTime(1_234);
    expect(systemClock.now()).toBe(1_234);
  });
});

it('a system timer keeps the process alive unless it is unreferenced', () => {
  const alive = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = alive();
  const idle = systemClock.setTimer(60_000, () => undefined, { unref: true });
  expect(alive()).toBe(before);
  const busy = systemClock.setTimer(60_000, () => undefined);
  expect(alive()).toBe(before + 1);
  idle.clear();
  busy.clear();
  expect(alive()).toBe(before);
});

it.each([-3_600_000, 3_600_000])('E11: an anchored clock ignores a wall clock that moves by %i ms', async (jumpMs) => {
  const clock = new ManualClock(1_000);
  const anchored = anchorClock(clock);
  await clock.advance(50);
  clock.jumpWallClock(jumpMs);
  await clock.advance(50);
  expect([anchored.now(), anchored.monotonicMs(), clock.now()]).toEqual([1_100, 100, 1_100 + jumpMs]);
});

describe('sleep', () => {
  it('rejects with the reason of its signal and leaves no timer', async () => {
    const clock = new ManualClock();
    const aborter = new AbortController();
    const slept = sleep(clock, 1_000, aborter.signal);
    aborter.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not begin when the signal is aborted already', async () => {
    const clock = new ManualClock();
    await expect(sleep(clock, 1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no listener behind', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const remove = jest.spyOn(signal, 'removeEventListener');
    const slept = sleep(clock, 5, signal);
    await clock.advance(5);
    await slept;
    expect(remove).toHaveBeenCalledTimes(1);
  });
});

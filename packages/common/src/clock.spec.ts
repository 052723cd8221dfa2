import { ManualClock, sleep, systemClock } from './clock';

describe('the manual clock', () => {
  it('fires timers in the order of their times, then of their creation, at exactly those times', async () => {
    const clock = new ManualClock(1_000);
    const fired: [string, number][] = [];
    const set = (name: string, ms: number) => clock.setTimer(ms, () => fired.push([name, clock.now()]));
    set('late', 30);
    set('first', 10);
    set('second', 10);
    set('never', 1_000);
    await clock.advance(50);
    expect(fired).toEqual([
      ['first', 1_010],
      ['second', 1_010],
      ['late', 1_030],
    ]);
    expect([clock.now(), clock.pendingTimers, clock.nextTimerMs]).toEqual([1_050, 1, 950]);
  });

  it('never calls back in the same turn, not even for a wait of 0 or less', async () => {
    const clock = new ManualClock();
    const callback = jest.fn();
    clock.setTimer(-5, callback);
    expect(callback).not.toHaveBeenCalled();
    expect(clock.nextTimerMs).toBe(0);
    await clock.advance(0);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('timers that awaiting code sets on the way take part', async () => {
    const clock = new ManualClock(0);
    const times: number[] = [];
    const loop = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 10);
        times.push(clock.now());
      }
    })();
    await clock.advance(100);
    await loop;
    expect(times).toEqual([10, 20, 30]);
  });

  it('a cleared timer does not fire, and may be cleared again', async () => {
    const clock = new ManualClock();
    const callback = jest.fn();
    const timer = clock.setTimer(10, callback);
    timer.clear();
    timer.clear();
    await clock.advance(20);
    expect(callback).not.toHaveBeenCalled();
    expect(clock.nextTimerMs).toBeUndefined();
  });

  it('a timer that another one clears at the same moment does not fire', async () => {
    const clock = new ManualClock();
    const callback = jest.fn();
    clock.setTimer(10, () => second.clear());
    const second = clock.setTimer(10, callback);
    await clock.advance(10);
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('the system clock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('waits longer than the 24.8 days that a timer of Node can, without firing early', () => {
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

  it('tells the time of the system', () => {
    jest.setSystemTime(1_234);
    expect(systemClock.now()).toBe(1_234);
  });
});

it('a timer of the system keeps the process alive unless it is told not to', () => {
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

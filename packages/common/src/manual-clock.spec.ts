import { sleep } from './clock';
import { ManualClock } from './manual-clock';

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

  it('E11: a jump of the wall clock moves neither timers nor monotonic time', async () => {
    const clock = new ManualClock(1_000);
    const fired: number[] = [];
    clock.setTimer(10, () => fired.push(clock.monotonicMs()));
    clock.jumpWallClock(-3_600_000);
    expect([clock.now(), clock.nextTimerMs]).toEqual([1_000 - 3_600_000, 10]);
    await clock.advance(10);
    expect(fired).toEqual([10]);
  });

  it('never calls back in the same turn, not even for a timer of 0 ms or less', async () => {
    const clock = new ManualClock();
    const callback = jest.fn();
    clock.setTimer(-5, callback);
    expect(callback).not.toHaveBeenCalled();
    expect(clock.nextTimerMs).toBe(0);
    await clock.advance(0);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('timers set while the clock advances fire too', async () => {
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

  it('a timer that another timer clears at the same time does not fire', async () => {
    const clock = new ManualClock();
    const callback = jest.fn();
    clock.setTimer(10, () => second.clear());
    const second = clock.setTimer(10, callback);
    await clock.advance(10);
    expect(callback).not.toHaveBeenCalled();
  });
});

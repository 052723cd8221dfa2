import { ManualClock } from '@orra-ts/common/testing';
import { ReconnectGovernor } from './reconnect-governor';

const governorWith = (random: () => number, concurrency = 2) => {
  const clock = new ManualClock();
  return { clock, governor: new ReconnectGovernor({ clock, random, concurrency, baseMs: 500, capMs: 30_000 }) };
};
const never = new AbortController().signal;

describe('L1: a shared governor', () => {
  it('limits concurrent attempts and starts them in order of arrival', async () => {
    const { governor } = governorWith(() => 0);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const all = [0, 1, 2, 3].map((n) =>
      governor.attempt(() => {
        begun.push(n);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await new Promise(setImmediate);
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await all[0];
    await new Promise(setImmediate);
    expect(begun).toEqual([0, 1, 2]);
    ends[1]?.();
    ends[2]?.();
    await new Promise(setImmediate);
    ends[3]?.();
    await Promise.all(all);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('starts the next attempt when one throws', async () => {
    const { governor } = governorWith(() => 0, 1);
    const failed = governor.attempt(() => Promise.reject(new Error('defect')));
    const next = governor.attempt(() => Promise.resolve('went'));
    await expect(failed).rejects.toThrow('defect');
    expect(await next).toBe('went');
  });

  it.each([
    [0, 0.999, 499],
    [3, 0.5, 2_000],
    [20, 0.999, 29_970],
    [20, 0, 0],
  ])('spreads the waits before retry %i from 0 to twice the one before, at most 30 s', async (retry, random, ms) => {
    const { clock, governor } = governorWith(() => random);
    let over = false;
    void governor.wait(retry, never).then(() => (over = true));
    if (ms > 0) {
      await clock.advance(ms - 1);
      expect(over).toBe(false);
    }
    await clock.advance(2);
    expect(over).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it('shortens long back-offs when a link reaches the engine, spread over the base back-off', async () => {
    const { clock, governor } = governorWith(() => 0.5);
    let over = 0;
    for (let n = 0; n < 5; n++) void governor.wait(10, never).then(() => over++);
    await clock.advance(1_000);
    expect(over).toBe(0);
    governor.reachable();
    await clock.advance(251);
    expect(over).toBe(5);
  });

  it('ends a back-off when its link is closed', async () => {
    const { clock, governor } = governorWith(() => 0.5);
    const closing = new AbortController();
    const wait = governor.wait(10, closing.signal);
    closing.abort();
    await wait;
    await governor.wait(10, closing.signal);
    expect(clock.pendingTimers).toBe(0);
  });
});

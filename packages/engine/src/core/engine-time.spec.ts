import { ManualClock } from '@orra-ts/common/testing';
import { EngineTime } from './engine-time';

describe('engine time (E11)', () => {
  it.each([3_600_000, -3_600_000])('goes on evenly when the wall clock is set by %d ms', (ms) => {
    const wall = new ManualClock();
    const time = new EngineTime(wall);
    const start = time.now();
    expect(time.wallTimeIfOther(time.now())).toBeUndefined();
    wall.jumpWallClock(ms);
    expect(time.now()).toBe(start);
    expect(time.wallTimeIfOther(time.now())).toBe(start + ms);
  });
});

import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import type { StreamPart, StreamReader } from './event-feed';
import { SseStream } from './sse-stream';

const PART: StreamPart = {
  events: [{ id: '1', event: { type: 'orchestration.pending', orchestrationId: 'o_1', timestamp: '' } }],
  atEnd: false,
  over: false,
};

function endless(): { reader: StreamReader; read: () => number; listeners: () => number } {
  let parts = 0;
  let listeners = 0;
  const reader: StreamReader = {
    position: '0',
    next: () => Promise.resolve((parts++, PART)),
    onMore: () => {
      listeners++;
      return () => {
        listeners--;
      };
    },
  };
  return { reader, read: () => parts, listeners: () => listeners };
}

describe('SseStream', () => {
  it('reads a part only when the one before was taken, and cuts off who takes nothing (E8)', async () => {
    const clock = new ManualClock();
    const { reader, read, listeners } = endless();
    let ended = 0;
    const stream = new SseStream({ reader, clock, logger: silentLogger, onEnd: () => ended++ });
    await clock.advance(59_000);
    expect([read() <= 1, ended]).toEqual([true, 0]);
    const body = stream.body.getReader();
    await body.read();
    await body.read();
    await clock.advance(45_000);
    expect([read() <= 3, ended]).toEqual([true, 0]);
    await clock.advance(30_000);
    expect([ended, listeners(), clock.pendingTimers]).toEqual([1, 0, 0]);
    await expect((async () => { for (;;) if ((await body.read()).done) break; })()).rejects.toThrow('reads no events'); // prettier-ignore
  });

  it('can be ended twice, and by its client', async () => {
    const clock = new ManualClock();
    const { reader, listeners } = endless();
    let ended = 0;
    const stream = new SseStream({ reader, clock, logger: silentLogger, onEnd: () => ended++ });
    await stream.body.cancel();
    stream.close();
    expect([ended, listeners(), clock.pendingTimers]).toEqual([1, 0, 0]);
  });
});

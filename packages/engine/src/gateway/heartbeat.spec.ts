import { ManualClock } from '@orra-ts/common/testing';
import { Heartbeat, type Heartbeating } from './heartbeat';

const PING = 54_000;
const WAIT = 60_000;

class FakeLink implements Heartbeating {
  held = false;
  jsonPongAt: number;
  readonly pings: number[] = [];
  givenUp: { readonly missing: string; readonly at: number } | undefined;
  answersJson = true;
  answersProtocol = true;

  constructor(
    private readonly clock: ManualClock,
    private readonly heartbeat: Heartbeat,
    private readonly start = clock.now(),
  ) {
    this.jsonPongAt = clock.now();
    heartbeat.add(this);
  }

  private get elapsed(): number {
    return this.clock.now() - this.start;
  }

  ping(): void {
    this.pings.push(this.elapsed);
    if (this.answersJson) this.jsonPongAt = this.clock.now();
    if (this.answersProtocol) this.heartbeat.ponged(this);
  }

  giveUp(missing: 'protocol-pong' | 'json-pong'): void {
    this.givenUp = { missing, at: this.elapsed };
  }
}

let clock: ManualClock;
let heartbeat: Heartbeat;
beforeEach(() => {
  clock = new ManualClock();
  heartbeat = new Heartbeat({ clock, pingIntervalMs: PING, pongWaitMs: WAIT });
});
const connect = (): FakeLink => new FakeLink(clock, heartbeat);

test('a connection that answers is pinged one interval after it came and from then on, and stays', async () => {
  const link = connect();
  await clock.advance(10 * PING);
  expect(link.pings).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * PING));
  expect(link.givenUp).toBeUndefined();
});

test('each connection has its own rhythm, all of them one timer', async () => {
  const links = [connect()];
  await clock.advance(20_000);
  links.push(connect(), connect());
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(PING);
  expect(links.map(({ pings }) => pings)).toEqual([[PING], [PING], [PING]]);
  expect(clock.pendingTimers).toBe(1);
});

test('without a protocol pong it is cut off 60 s after connecting', async () => {
  const link = connect();
  link.answersProtocol = false;
  await clock.advance(WAIT - 1);
  expect(link.givenUp).toBeUndefined();
  await clock.advance(1);
  expect(link.givenUp).toEqual({ missing: 'protocol-pong', at: WAIT });
});

test('one unanswered JSON ping is enough: closed at the next one, 108 s after connecting', async () => {
  const link = connect();
  link.answersJson = false;
  await clock.advance(2 * PING);
  expect(link.givenUp).toEqual({ missing: 'json-pong', at: 2 * PING });
  expect(link.pings).toEqual([PING]);
});

test('a connection that we do not read from is not blamed for its silence', async () => {
  const link = connect();
  Object.assign(link, { answersJson: false, answersProtocol: false, held: true });
  await clock.advance(5 * PING);
  expect(link.givenUp).toBeUndefined();
  expect(link.pings).toHaveLength(5);
});

test('what is given up or removed is left alone, and the last one takes the timer with it', async () => {
  const link = connect();
  link.answersProtocol = false;
  const other = connect();
  await clock.advance(WAIT);
  expect(link.givenUp).toBeDefined();
  heartbeat.remove(other);
  heartbeat.ponged(other);
  expect(clock.pendingTimers).toBe(0);
  await clock.advance(10 * PING);
  expect([link.pings, other.pings]).toEqual([[PING], [PING]]);
});

import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { initialState } from '../domain/orchestration/evolve';
import type { DeliveryOutcome } from '../domain/orchestration/webhooks';
import { WebhookSender } from './webhook-sender';

describe('WebhookSender', () => {
  it('gives up at once what too many messages wait before, for that receiver alone (E8)', async () => {
    const answers: (() => void)[] = [];
    const sender = new WebhookSender({
      clock: new ManualClock(),
      logger: silentLogger,
      timeoutMs: 10_000,
      maxWaiting: 2,
      post: () => new Promise((resolve) => answers.push(() => resolve({ kind: 'delivered', status: 200 }))),
    });
    const outcomes: [string, DeliveryOutcome][] = [];
    const send = (url: string): void => {
      const delivery = { id: url, url, queuedAt: 0, attempts: 0, dueAt: 0 };
      const due = { delivery, state: { ...initialState, status: 'completed' } as const, secret: undefined };
      sender.schedule(delivery, () => due, (outcome) => outcomes.push([url, outcome])); // prettier-ignore
    };
    for (const path of ['1', '2', '3']) send(`http://busy/${path}`);
    send('http://other/');
    expect(outcomes).toEqual([
      ['http://busy/3', { kind: 'failed', error: '2 messages wait for busy already', retryable: false }],
    ]);
    for (const answer of answers) answer();
    await new Promise(setImmediate);
    expect(outcomes.map(([url]) => url).sort()).toEqual([
      'http://busy/1',
      'http://busy/2',
      'http://busy/3',
      'http://other/',
    ]);
    send('http://busy/4');
    expect(outcomes).toHaveLength(4);
    sender.close();
  });
});

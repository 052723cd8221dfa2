/** Asynchronous submissions and previews of plans. */
import { ManualClock } from '@orra-ts/common/testing';
import { FakeHttpEngine } from '@orra-ts/fakes';
import type { OrchestrationInspection, OrchestrationView, PlanPreview } from '@orra-ts/protocol';
import { type OrchestrationUpdate, type OrraClient, OrraUnexpectedResponseError, createOrraClient } from '../src';
import { drive, recorded, replay } from './recorded';

let engine: FakeHttpEngine;
let clock: ManualClock;
let orra: OrraClient;
beforeEach(async () => {
  engine = await FakeHttpEngine.start();
  clock = new ManualClock();
  orra = createOrraClient({ url: engine.url, apiKey: 'sk-orra-v1-1', clock, random: () => 0.5 });
});
afterEach(() => engine.close());

describe('submit({ respondAsync: true })', () => {
  const { id } = recorded('submit').answer.body as OrchestrationView;
  const path = `/orchestrations/inspections/${id}`;
  const pending = { id, status: 'pending', plan: null, action: { type: 'action', content: 'Fly' } };
  const early = { status: 202, headers: { 'preference-applied': 'respond-async' }, body: pending };
  const inspection = (change: Partial<OrchestrationInspection>) => ({
    status: 200,
    body: { id, status: 'pending', action: 'Fly', timestamp: '2026-11-24T09:30:00Z', duration: 1, ...change },
  });
  const submit = () => orra.action('Fly').submit({ respondAsync: true });

  it('sends the Prefer header, and only then', async () => {
    engine.script('POST', '/orchestrations', early);
    const handle = await submit();
    expect([handle.id, handle.status, handle.plan]).toEqual([id, 'pending', null]);
    await orra.action('Fly').submit();
    expect(engine.received.map(({ headers }) => headers['prefer'])).toEqual(['respond-async', undefined]);
  });

  it.each<[string, Partial<OrchestrationInspection>, object]>([
    [
      'not actionable',
      { status: 'not_actionable', error: 'nobody flies' },
      { id, status: 'not_actionable', reason: 'nobody flies' },
    ],
    [
      'failed',
      { status: 'failed', error: 'the model is away' },
      { id, status: 'failed', error: { message: 'the model is away' } },
    ],
  ])('planning that fails later is a result: %s', async (_, ended, result) => {
    engine.script('POST', '/orchestrations', early);
    engine.script('GET', path, inspection({}), inspection({}), inspection(ended));
    const handle = await submit();
    const updates = (async () => {
      const seen: OrchestrationUpdate[] = [];
      for await (const update of handle.updates()) seen.push(update);
      return seen;
    })();
    expect(await drive(clock, handle.result())).toEqual(result);
    expect(await drive(clock, updates)).toEqual([]);
  });

  it('resolves after planning on an engine that does not support the header', async () => {
    const { answer } = replay(engine, 'submit');
    expect((await submit()).plan).toEqual((answer.body as OrchestrationView).plan);
  });

  it('does not check the explicit plan when the engine responded before planning', async () => {
    const planned = orra.action('Fly').plan({ tasks: [{ id: 'task1', service: 'wings', input: {} }] });
    engine.script('POST', '/orchestrations', early);
    expect((await planned.submit({ respondAsync: true })).status).toBe('pending');
    engine.script('POST', '/orchestrations', { status: 202, body: pending });
    await expect(planned.submit({ respondAsync: true })).rejects.toMatchObject({ code: 'ORRA_NOT_SUPPORTED' });
  });
});

describe('preview()', () => {
  const answers: PlanPreview[] = [
    { outcome: 'planned', plan: { tasks: [], parallel_groups: [] }, taskZero: {}, source: { kind: 'explicit' } },
    { outcome: 'not_actionable', reason: 'nobody flies', nearestServices: ['wings'] },
  ];

  it.each(answers)('resolves with the outcome of the engine: $outcome', async (answer) => {
    engine.script('POST', '/plans', { status: 200, body: answer });
    const plan = { tasks: [{ id: 'task1', service: 'wings', input: { to: '$task0.to' } }] };
    await expect(orra.action('Fly').with({ to: 'Rome' }).plan(plan).preview()).resolves.toEqual(answer);
    expect(engine.received).toMatchObject([
      {
        path: '/plans',
        body: { action: { type: 'action', content: 'Fly' }, data: [{ field: 'to', value: 'Rome' }], plan },
      },
    ]);
  });

  it('is ORRA_NOT_SUPPORTED on an engine without previews', async () => {
    engine.script('POST', '/plans', recorded('no-such-route').answer);
    await expect(orra.action('Fly').preview()).rejects.toMatchObject({ code: 'ORRA_NOT_SUPPORTED' });
  });

  it('a response without an outcome is ORRA_UNEXPECTED_RESPONSE', async () => {
    engine.script('POST', '/plans', { status: 200, body: {} });
    await expect(orra.action('Fly').preview()).rejects.toBeInstanceOf(OrraUnexpectedResponseError);
  });

  it('ends with its signal', async () => {
    engine.script('POST', '/plans', 'hang');
    const asking = new AbortController();
    const preview = orra.action('Fly').preview({ signal: asking.signal });
    const refused = expect(preview).rejects.toThrow('changed my mind');
    asking.abort(new Error('changed my mind'));
    await refused;
  });
});

/** Planning that takes time: waiting submitters, their responses, and what survives the end of an engine. */
import { request } from 'node:http';
import type { Engine, Planner, PlanningOutcome, PlannerOptions, PlanRequest } from '../src';
import type { Journal } from '../src/journal/journal';
import { chain, TestCore } from './support/test-core';
import { type EngineClient, connectService } from './support/engine-client';
import { withEngine } from './support/with-engine';

/** A planner that resolves when the test tells it to. */
class SlowPlanner implements Planner {
  readonly asked: { readonly request: PlanRequest; readonly signal: AbortSignal }[] = [];
  answer!: (outcome: PlanningOutcome) => void;
  private noticed: (() => void) | undefined;

  plan(request: PlanRequest, options: PlannerOptions): Promise<PlanningOutcome> {
    const signal = options.signal();
    this.asked.push({ request, signal });
    this.noticed?.();
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  async whenAsked(times: number): Promise<void> {
    while (this.asked.length < times) await new Promise<void>((resolve) => (this.noticed = resolve));
  }
}

const CANNOT: PlanningOutcome = { kind: 'not_actionable', reason: 'nobody flies', nearest: ['stock'] };

describe('a submission that is planned later', () => {
  let planner: SlowPlanner;
  let test: TestCore;
  const submission = { action: { content: 'Fly' }, data: null };

  beforeEach(async () => {
    planner = new SlowPlanner();
    test = await TestCore.start({}, { planner });
    await test.service('stock');
  });
  afterEach(() => test.close());
  /** The outcome arrives in one turn of the event loop and is stored in the next. */
  const answered = async (): Promise<void> => {
    await test.settle();
    await test.settle();
  };

  it('gets a response at once if requested, and its outcome can be inspected later', async () => {
    const state = await test.core.orchestrations.submit(test.project, submission, { respondAsync: true });
    expect(state.status).toBe('pending');
    planner.answer(CANNOT);
    await answered();
    expect(await test.state(state.id)).toMatchObject({
      status: 'not_actionable',
      error: 'nobody flies',
      nearest: ['stock'],
    });
  });

  it('returns at once if its plan is available at once', async () => {
    await test.kill();
    await test.boot();
    const { status } = await test.core.orchestrations.submit(
      test.project,
      { ...submission, data: [{ field: 'value', value: 'v' }], plan: chain('stock') },
      { respondAsync: true },
    );
    expect(status).toBe('processing');
  });

  it('is cancelled when the waiting submitter disconnects', async () => {
    const waiting = new AbortController();
    const submitted = test.core.orchestrations.submit(test.project, submission, { signal: () => waiting.signal });
    await planner.whenAsked(1);
    waiting.abort();
    await expect(submitted).rejects.toMatchObject({ code: 'ORRA_PLANNING_CANCELLED' });
    expect(planner.asked[0]?.signal.aborted).toBe(true);
    const [listed] = await test.core.orchestrations.list(test.project);
    expect(await test.state(listed?.id ?? '')).toMatchObject({ status: 'cancelled' });
  });

  it('is planned again by the next engine, and the submitter learns that it must not submit it again', async () => {
    const submitted = test.core.orchestrations.submit(test.project, submission);
    await planner.whenAsked(1);
    await test.settle();
    const refusal = expect(submitted).rejects.toMatchObject({
      code: 'ORRA_ENGINE_STOPPING',
      retryable: false,
      message: expect.stringMatching(/o_\w+ is stored and is planned when the engine runs again/),
    });
    await test.core.close();
    await refusal;
    const [listed] = await test.core.orchestrations.list(test.project);
    expect(await test.state(listed?.id ?? '')).toMatchObject({ status: 'pending' });

    await test.kill();
    await test.boot({}, { planner });
    expect(planner.asked[1]?.request).toMatchObject({ action: 'Fly' });
    planner.answer(CANNOT);
    await answered();
    expect(await test.state(listed?.id ?? '')).toMatchObject({ status: 'not_actionable' });
  });

  it('is planned again with the submitted plan, if that was not planned at once', async () => {
    const plan = chain('stock');
    const { id } = await test.core.orchestrations.submit(test.project, { ...submission, plan }, { respondAsync: true });
    expect(planner.asked[0]?.request.explicit).toEqual(plan);
    await test.kill();
    await test.boot({}, { planner });
    expect(planner.asked[1]?.request.explicit).toEqual(plan);
    planner.answer(CANNOT);
    await answered();
    expect(await test.state(id)).toMatchObject({ status: 'not_actionable' });
  });

  it('continues when its submitter disconnects after planning', async () => {
    await test.kill();
    await test.boot();
    const waiting = new AbortController();
    const submitted = test.submit(chain('stock'), {}, waiting.signal);
    waiting.abort();
    expect((await submitted).status).toBe('processing');
    const [listed] = await test.core.orchestrations.list(test.project);
    expect(await test.state(listed?.id ?? '')).toMatchObject({ status: 'processing' });
  });

  it('is not planned by an engine that could not load all open orchestrations', async () => {
    await test.core.orchestrations.submit(test.project, submission, { respondAsync: true });
    await test.kill();
    const broken = new Error('a page cannot be read');
    const wrapJournal = (journal: Journal): Journal =>
      Object.assign(Object.create(journal) as Journal, { open: () => unreadable(journal) });
    async function* unreadable(journal: Journal): ReturnType<Journal['open']> {
      yield* journal.open();
      throw broken;
    }
    await expect(test.boot({}, { planner, wrapJournal })).rejects.toBe(broken);
    expect(planner.asked.map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });
});

describe('over HTTP', () => {
  let planner: SlowPlanner;
  let engine: Engine;
  let client: EngineClient;
  let headers: { readonly authorization: string };
  const body = JSON.stringify({ action: { content: 'Fly' } });

  beforeEach(async () => {
    planner = new SlowPlanner();
    ({ engine, client } = await withEngine({ planner }));
    headers = { authorization: `Bearer ${client.key}` };
    await (await connectService(client, 'stock')).close();
  });

  it('`Prefer: respond-async` is applied and confirmed', async () => {
    const response = await fetch(`${engine.url}/orchestrations`, {
      method: 'POST',
      headers: { ...headers, prefer: 'wait=5, Respond-Async' },
      body,
    });
    expect([response.status, response.headers.get('preference-applied')]).toEqual([202, 'respond-async']);
    expect(await response.json()).toMatchObject({ status: 'pending', plan: null });
  });

  it('a submitter that disconnects ends the planning', async () => {
    const submitting = request(`${engine.url}/orchestrations`, { method: 'POST', headers });
    submitting.on('error', () => undefined);
    submitting.end(body);
    await planner.whenAsked(1);
    const { signal } = planner.asked[0] as { signal: AbortSignal };
    const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    submitting.destroy();
    await ended;
    expect((await client.ask('GET', '/orchestrations')).body).toMatchObject({ cancelled: [{ action: 'Fly' }] });
  });

  it('a preview shows what would run, or why nothing would, and runs nothing', async () => {
    const previewed = client.ask('POST', '/plans', body);
    await planner.whenAsked(1);
    planner.answer(CANNOT);
    const preview = { outcome: 'not_actionable', reason: 'nobody flies', nearestServices: ['stock'] };
    expect(await previewed).toMatchObject({ status: 200, body: preview });
    expect((await client.ask('GET', '/orchestrations')).body).toEqual({});
  });
});

/** The engine ends while a model plans: the model hangs, the engine stops, and the next engine plans again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOrraClient, type OrraClient } from '@orra-ts/client';
import { silentLogger } from '@orra-ts/common';
import { FakeModel, modelReply } from '@orra-ts/fakes';
import { OrraFactory, defineService, jsonSchema, type OrraApplication } from '@orra-ts/sdk';
import { EngineProcess } from './engine-process';

const value = jsonSchema<{ readonly value: string }>({
  type: 'object',
  properties: { value: { type: 'string' } },
  required: ['value'],
});
const plan = modelReply.plan({ tasks: [{ id: 'task1', service: 'worker', input: { value: '$task0.value' } }] });

let model: FakeModel;
let engine: EngineProcess;
let apiKey: string;
let orra: OrraClient;
let app: OrraApplication;
let dataDir: string;
/** The key of each handler run. */
let runs: string[];

beforeEach(async () => {
  runs = [];
  model = await FakeModel.start();
  engine = await EngineProcess.start({ LLM_API_BASE_URL: model.baseUrl, LLM_MODEL: 'm-1' });
  apiKey = await engine.newProject();
  orra = createOrraClient({ url: engine.url, apiKey });
  dataDir = mkdtempSync(path.join(tmpdir(), 'orra-app-'));
  const worker = defineService(
    { name: 'worker', description: 'Does the work', input: value, output: value },
    ({ input, idempotencyKey }) => {
      runs.push(idempotencyKey);
      return { value: `${input.value}, done` };
    },
  );
  app = await OrraFactory.create({
    services: [worker],
    engine: { url: engine.url, apiKey },
    dataDir,
    logger: silentLogger,
    connection: { reconnectBase: '20ms', reconnectCap: '200ms', ackTimeout: '500ms' },
  });
  await app.start();
});

afterEach(async () => {
  await app.close();
  await engine.remove();
  await model.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const idsOfAll = async (): Promise<string[]> =>
  Object.values(await orra.orchestrations.list())
    .flat()
    .map(({ id }: { readonly id: string }) => id);

/** Expects one orchestration, planned by the model and run once. */
async function expectDoneOnce(id: string): Promise<void> {
  const result = await orra.orchestrations.result(id, { timeout: '20s' });
  expect(result).toMatchObject({ status: 'completed', output: { value: 'order, done' } });
  expect(await idsOfAll()).toEqual([id]);
  expect(runs).toHaveLength(1);
  const { planSource, planning } = await orra.orchestrations.inspect(id);
  // Requests of the previous engines do not count as attempts.
  expect([planSource, planning?.attempts.length]).toEqual([{ kind: 'model', model: 'm-1' }, 1]);
}

it('a submission accepted before its plan was made is planned again after each kill -9, and runs once', async () => {
  model.enqueue(modelReply.hang(), modelReply.hang());
  const answer = await fetch(`${engine.url}/orchestrations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ action: { content: 'Do the work' }, data: [{ field: 'value', value: 'order' }] }),
  });
  const { id, status } = (await answer.json()) as { readonly id: string; readonly status: string };
  expect([answer.status, answer.headers.get('preference-applied'), status]).toEqual([202, 'respond-async', 'pending']);
  for (const asked of [1, 2]) {
    await model.received(asked);
    await engine.kill();
    expect(runs).toEqual([]);
    if (asked === 2) model.enqueue(plan);
    await engine.run();
  }
  await expectDoneOnce(id);
  expect(model.requests).toHaveLength(3);
});

it('at SIGTERM a waiting submitter gets the id and the advice not to submit again; the next engine plans and runs it once', async () => {
  model.enqueue(modelReply.hang(), plan);
  const refused = orra
    .action('Do the work')
    .with({ value: 'order' })
    .submit()
    .then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  const { aborted } = await model.received(1);
  expect(await engine.close()).toBe(0);
  // The request to the model is aborted when the engine stops.
  await aborted;
  const error = await refused;
  expect(error).toMatchObject({ code: 'ORRA_ENGINE_ERROR', retryable: false, details: { status: 503 } });
  const [, id = ''] = /(o_\w+) is stored and is planned .* do not submit it again/.exec(error?.message ?? '') ?? [];
  expect(id).toMatch(/^o_/);
  await engine.run();
  await expectDoneOnce(id);
  expect(model.requests).toHaveLength(2);
});

/** A plan of one application that uses a service of another: the effect of restarts of each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OrraUnknownPlanError, createOrraClient, type OrraClient } from '@orra-ts/client';
import { silentLogger, type LogFields, type Logger } from '@orra-ts/common';
import { createEngine, type Engine } from '@orra-ts/engine';
import { OrraFactory, definePlan, defineService, jsonSchema, type OrraApplication } from '@orra-ts/sdk';

const TEXT = { type: 'string' };
const HELD = jsonSchema<{ holdId: string }>({ type: 'object', properties: { holdId: TEXT }, required: ['holdId'] });
const ORDER = jsonSchema<{ sku: string }>({ type: 'object', properties: { sku: TEXT }, required: ['sku'] });

/** A deployment of the service with these input properties. */
const stock = (properties: object, required: readonly string[] = ['sku']) =>
  defineService(
    {
      name: 'stock',
      description: 'Holds stock',
      input: jsonSchema<{ sku: string }>({ type: 'object', properties, required }),
      output: HELD,
    },
    ({ input }) => ({ holdId: `held ${input.sku}` }),
  );
const desk = defineService(
  { name: 'desk', description: 'Service of the application that defines the plan', input: ORDER, output: HELD },
  ({ input }) => ({ holdId: input.sku }),
);
const holdIt = definePlan('Hold {sku}', ORDER, (p, order) => p.task(stock({ sku: TEXT }), { sku: order.sku }), {
  name: 'hold-it',
});

let engine: Engine;
let apiKey: string;
let orra: OrraClient;
let folder: string;
const apps: OrraApplication[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'orra-plan-versions-'));
  engine = await createEngine({ port: 0, storage: path.join(folder, 'engine'), logger: silentLogger });
  ({ apiKey } = await engine.createProject({ name: 'shop' }));
  orra = createOrraClient({ url: engine.url, apiKey });
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

type AppOptions = Parameters<typeof OrraFactory.create>[0];
async function start(options: Partial<AppOptions>): Promise<OrraApplication> {
  const app = await OrraFactory.create({
    services: [],
    engine: { url: engine.url, apiKey },
    dataDir: mkdtempSync(path.join(folder, 'app-')),
    logger: silentLogger,
    ...options,
  });
  apps.push(app);
  await app.start();
  return app;
}
const startStock = (...deployed: Parameters<typeof stock>): Promise<OrraApplication> =>
  start({ services: [stock(...deployed)] });
const startPlan = (logger: Logger = silentLogger): Promise<OrraApplication> =>
  start({ services: [desk], plans: [holdIt], logger });
const hold = async (): Promise<unknown> => {
  const order = await orra.action('hold A-17').submit();
  const { status } = await order.result();
  return [status, (await order.inspect()).planSource?.version];
};

test('after a deployment with other rules the action is refused until the application of the plan restarts', async () => {
  const first = await startStock({ sku: TEXT });
  const planner = await startPlan();
  await expect(hold()).resolves.toEqual(['completed', 1]);

  await first.close();
  const adding = await startStock({ sku: TEXT, note: TEXT });
  await expect(hold()).resolves.toEqual(['completed', 1]);

  await adding.close();
  await startStock({ sku: { ...TEXT, maxLength: 9 } });
  await expect(hold()).rejects.toMatchObject({
    code: 'ORRA_INVALID_REQUEST',
    message: expect.stringMatching(
      /version 1 of the plan "hold-it" is stale, .* task1\.input\.sku: maxLength was not set, is 9 \(input of stock\)\. .* `orra plans apply`/,
    ),
  });
  expect(await orra.plans.list()).toMatchObject([{ name: 'hold-it', version: 1, stale: [{ field: 'input.sku' }] }]);

  await planner.close();
  await startPlan();
  await expect(hold()).resolves.toEqual(['completed', 2]);
  expect(await orra.plans.get('hold-it')).toMatchObject({ version: 2, versions: [{ version: 2 }, { version: 1 }] });
});

test('a plan that is no longer valid is reported and stays refused, and its application keeps running', async () => {
  const first = await startStock({ sku: TEXT });
  const planner = await startPlan();
  await first.close();
  await planner.close();
  await startStock({ sku: TEXT, shelf: TEXT }, ['sku', 'shelf']);
  const warnings: LogFields[] = [];
  const logger: Logger = {
    ...silentLogger,
    isEnabled: () => true,
    warn: (_, fields = {}) => void warnings.push(fields),
    child: () => logger,
  };
  await startPlan(logger);
  expect(warnings).toContainEqual(
    expect.objectContaining({
      plan: 'hold-it',
      version: 1,
      reasons: ['task1.input.shelf: was absent, is required ({"type":"string"}) (input of stock)'],
    }),
  );
  await expect(hold()).rejects.toMatchObject({ code: 'ORRA_INVALID_REQUEST' });
  expect(await orra.plans.get('hold-it')).toMatchObject({ version: 1, stale: [{ field: 'input.shelf' }] });
});

test('a removed plan is registered as the next version when its application restarts', async () => {
  await startStock({ sku: TEXT });
  const planner = await startPlan();
  await orra.plans.remove('hold-it');
  await expect(hold()).rejects.toMatchObject({ code: 'ORRA_NOT_ACTIONABLE' });
  await planner.close();
  await startPlan();
  await expect(hold()).resolves.toEqual(['completed', 2]);
  await expect(orra.plans.get('nobody')).rejects.toBeInstanceOf(OrraUnknownPlanError);
  await expect(orra.plans.remove('nobody')).rejects.toMatchObject({ code: 'ORRA_UNKNOWN_PLAN' });
});

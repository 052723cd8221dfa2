/** `orra plan`: its output, and the files that it saves. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ManualClock } from '@orra-ts/common/testing';
import type { FakeHttpEngine } from '@orra-ts/fakes';
import type { PlanPreview, PlannedTaskView, PlanningView, Spec } from '@orra-ts/protocol';
import { displayWidth } from '../src/output/terminal-string';
import { expectGolden } from './golden';
import { CliHome, startGoEngine } from './harness';

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  home = new CliHome();
  engine.reset();
  home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'key', server_addr: engine.url } } };
});
afterEach(() => home.remove());

const answer = (preview: PlanPreview): void => engine.script('POST', '/plans', { status: 200, body: preview });
const run = async (argv: readonly string[], columns?: number) => {
  const clock = new ManualClock(Date.parse('2026-11-24T09:30:00Z'));
  const { code, out, err } = await home.run(['plan', ...argv], {
    clock,
    ...(columns === undefined ? {} : { columns, env: { NO_COLOR: '1' } }),
  });
  return { code, out: out.replaceAll(engine.url, 'http://localhost:8005'), err };
};
const read = (name: string): string =>
  readFileSync(join(home.cwd, name), 'utf8').replaceAll(engine.url, 'http://localhost:8005');

/** The input spec of a service that accepts this value. */
const specOf = (value: unknown): Spec => {
  if (Array.isArray(value)) return { type: 'array', items: specOf(value[0]) };
  if (typeof value !== 'object' || value === null) return { type: typeof value as 'string' | 'number' };
  const properties = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, specOf(member)]));
  return { type: 'object', properties, required: Object.keys(value) };
};
const task = (id: string, name: string, input: Record<string, unknown>): PlannedTaskView => ({
  id,
  service: `s_${name}`,
  service_name: name,
  input,
  capabilities: [`Does what ${name} does`],
  expected_input: specOf(input),
  expected_output: specOf(name === 'customer-finder' ? { address: { line: '' } } : { id: '' }),
});
const planning: PlanningView = {
  model: 'small-model',
  promptVersion: 3,
  durationMs: 2_345,
  tokens: { prompt: 1_234, completion: 56 },
  attempts: [
    {
      durationMs: 1_200,
      promptTokens: 600,
      completionTokens: 30,
      problems: [
        {
          taskId: 'task2',
          field: 'input.amount',
          message: 'is required and not given, and what is given instead (currency) has no meaning without it',
        },
        { message: 'the plan has no task besides task0' },
      ],
    },
    { durationMs: 1_100, promptTokens: 634, completionTokens: 26 },
  ],
};
const groundingHit = {
  name: 'order-use-cases',
  domain: 'online-shop',
  version: '1.0',
  useCases: {
    action: 'Ship order {orderId}',
    params: {},
    capabilities: ['hold stock', 'take money'],
    intent: 'To ship',
  },
  constraints: [
    'Nothing leaves the house before its payment has been confirmed by the bank of the customer',
    'Be kind',
  ],
  coverage: [
    { capability: 'hold stock', service: 'stock-holder', by: 'words' as const },
    { capability: 'take money', service: 'card-charger', by: 'model' as const },
  ],
};
const ACTION = 'Ship order A-17 to the eu';
const DATA = ['-d', 'orderId:A-17', '-d', 'sku:sku-9', '-d', 'amount:=1250'];
const planned: PlanPreview = {
  outcome: 'planned',
  plan: {
    tasks: [
      task('task1', 'stock-holder', { sku: '$task0.sku', note: 'first come, first served' }),
      task('task2', 'card-charger', { amount: 1250, region: '$task0.region' }),
      task('task3', 'customer-finder', { orderId: '$task0.orderId' }),
      task('task4', 'parcel-service', {
        hold: '$task1.id',
        to: { line: '$task3.address.line', country: 'unknown' },
        items: [{ sku: '$task0.sku', quantity: 1 }],
        labels: ['fragile', 'a label that is much longer than any terminal has room for, as labels tend to be'],
      }),
      task('task5', 'mail-sender', { parcel: '$task4.id', receipt: '$task2.id' }),
    ],
    parallel_groups: [['task1', 'task2', 'task3'], ['task4'], ['task5']],
  },
  taskZero: { orderId: 'A-17', sku: 'sku-9', amount: 1250, region: 'eu' },
  source: { kind: 'model', model: 'small-model' },
  planning,
  groundingHit,
};
const notActionable: PlanPreview = {
  outcome: 'not_actionable',
  reason: 'no service can fly, and none of those that are registered can book a flight with somebody who can',
  nearestServices: ['parcel-service', 'mail-sender'],
};
const invalid: PlanPreview = {
  outcome: 'invalid',
  reason: 'the plan "ship-order" cannot run',
  problems: [
    { taskId: 'task1', field: 'input.sku', message: 'must be string, found number 5 (stock-holder)' },
    { taskId: 'task2', field: 'service', message: 'no service has the id or name "card-charger"; none is registered' },
    { message: 'tasks wait for each other: task1 -> task2 -> task1' },
  ],
};
const failed: PlanPreview = {
  outcome: 'failed',
  reason: 'no answer of the model was a plan in 1 attempts',
  planning: { ...planning, attempts: planning.attempts.slice(0, 1) },
};

describe('output', () => {
  it.each<[string, PlanPreview, number]>([
    ['planned', planned, 0],
    ['not-actionable', notActionable, 3],
    ['invalid', invalid, 1],
    ['failed', failed, 1],
  ])('%s, complete in a pipe, and truncated or wrapped in a terminal', async (name, preview, exitCode) => {
    answer(preview);
    const pipe = await run([ACTION, ...DATA]);
    expect([pipe.code, pipe.err]).toEqual([exitCode, '']);
    expectGolden(`plan-${name}`, pipe.out);
    const terminal = await run([ACTION, ...DATA], 80);
    expectGolden(`plan-${name}-80`, terminal.out);
    expect(Math.max(...terminal.out.split('\n').map(displayWidth))).toBeLessThanOrEqual(80);
    const wide = await run([ACTION, ...DATA], 400);
    expect(wide.out).toBe(pipe.out);
  });

  it('sends action and data as `verify run` does', async () => {
    answer(planned);
    await run([ACTION, '-d=sku:sku-9', '-d', 'items:[1,2]', '--data', 'n:=5']);
    engine.script('POST', '/orchestrations', { status: 202, body: { id: 'o_1', status: 'pending' } });
    await home.run(['verify', 'run', ACTION, '-d=sku:sku-9', '-d', 'items:[1,2]', '--data', 'n:=5']);
    const [plan, submission] = engine.received;
    expect(plan?.body).toEqual(submission?.body);
  });

  it.each([
    ['planned', planned, 0],
    ['not actionable', notActionable, 3],
    ['invalid', invalid, 1],
  ])("JSON is the engine's response: %s", async (_, preview, exitCode) => {
    answer(preview);
    const { code, out } = await run([ACTION, ...DATA, '-o', 'json']);
    const constants = preview.taskZero ? { constants: ['region'] } : {};
    expect([code, JSON.parse(out)]).toEqual([exitCode, { ...preview, ...constants }]);
    expect(parse((await run([ACTION, ...DATA, '-o', 'yaml'])).out)).toEqual({ ...preview, ...constants });
  });

  it('strings of services and users cannot control the terminal', async () => {
    const evil = 'a\u001b[2Jb\nc';
    answer({
      ...planned,
      plan: { tasks: [task('task1', 'stock', { [evil]: evil })], parallel_groups: [['task1']] },
      source: { kind: 'model', model: evil },
      planning: { ...planning, model: evil },
    });
    const { out } = await run([evil]);
    // eslint-disable-next-line no-control-regex -- control characters must not be in the output
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('an engine without previews is reported', async () => {
    const { code, err } = await run([ACTION]);
    expect([code, err]).toEqual([1, expect.stringMatching(/does not support this\n {2}its version or kind differs/)]);
  });
});

describe('--save', () => {
  it('writes a plan to review and apply, prints the replacements, and writes no value of the data to the file', async () => {
    answer(planned);
    const { code, out } = await run([ACTION, ...DATA, '--save', 'ship-order']);
    expect(code).toBe(0);
    expectGolden('plan-save', out.slice(out.indexOf('✓ Saved')));
    const yaml = read('ship-order.plan.yaml');
    expectGolden('plan-save-yaml', yaml);
    expect(yaml).not.toContain('1250');
    expect(parse(yaml)).toMatchObject({ name: 'ship-order', action: 'Ship order {orderId} to the {region}' });
    expect(existsSync(join(home.cwd, 'ship-order.plan.ts'))).toBe(false);
  });

  it('with --code also writes code', async () => {
    answer(planned);
    const { out } = await run([ACTION, ...DATA, '--save', 'ship-order', '--code', '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'planned',
      saved: {
        files: ['ship-order.plan.yaml', 'ship-order.plan.ts'],
        replaced: [{ task: 'task2', field: 'amount', value: 1250, reference: '$task0.amount' }],
        fixed: [],
        undecided: [],
        renamed: [],
      },
    });
    expectGolden('plan-save-code', read('ship-order.plan.ts'));
  });

  it('does not replace a file without --force, and sends no request before', async () => {
    answer(planned);
    home.file('ship-order.plan.ts', 'mine');
    const args = [ACTION, ...DATA, '--save', 'ship-order', '--code'];
    const { code, err } = await run(args);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/the file ship-order\.plan\.ts already exists .*\n.*--force/),
    ]);
    expect(engine.received).toEqual([]);
    expect(existsSync(join(home.cwd, 'ship-order.plan.yaml'))).toBe(false);
    expect((await run([...args, '--force'])).code).toBe(0);
    expect(read('ship-order.plan.ts')).toContain('definePlan');
  });

  it.each([
    [['--save', 'Ship Order'], /--save "Ship Order": the name of a plan may contain only/],
    [['--code'], /--code requires --save\n {2}add --save/],
    [['--force'], /--force requires --save/],
    [['--save', 'ship-order', '-d', 'nonsense'], /has no colon/],
  ])('%j is rejected before a request', async (args, message) => {
    answer(planned);
    const { code, out, err } = await run([ACTION, ...args]);
    expect([code, out, err]).toEqual([1, '', expect.stringMatching(message)]);
    expect(engine.received).toEqual([]);
  });

  it('saves nothing without a plan', async () => {
    answer(notActionable);
    const { code, err } = await run([ACTION, '--save', 'fly']);
    expect([code, err]).toEqual([3, 'nothing was saved because there is no plan\n']);
    expect(existsSync(join(home.cwd, 'fly.plan.yaml'))).toBe(false);
  });

  it('still shows a plan that cannot be saved, and writes no file', async () => {
    answer({
      ...planned,
      plan: { tasks: [task('task1', 'stock', { a: '$task0.then' })], parallel_groups: [['task1']] },
    });
    const { code, out, err } = await run(['Do it', '-d', 'then:now', '--save', 'odd', '--code']);
    expect([code, out, err]).toEqual([
      1,
      expect.stringContaining('task1  stock'),
      expect.stringMatching(
        /task1\.a refers to a member `then`, which definePlan cannot express\n {2}save it without --code/,
      ),
    ]);
    expect(existsSync(join(home.cwd, 'odd.plan.yaml'))).toBe(false);
  });
});

it.each(readPage())('docs/pinned-plans.md shows its output: %j', (block) => {
  const golden = (name: string): string => readFileSync(join(__dirname, 'golden', `${name}.txt`), 'utf8');
  expect(golden('plan-planned') + golden('plan-save-yaml')).toContain(block);
});

function readPage(): string[] {
  const page = readFileSync(join(__dirname, '../../../docs/pinned-plans.md'), 'utf8');
  return [...page.matchAll(/^```(?:text|yaml)\n([^]*?)^```$/gm)].map(([, block = '']) => block);
}

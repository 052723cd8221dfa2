/** `orra inspect` of plans that a model made, or failed to make. */
import { silentLogger } from '@orra-ts/common';
import { createEngine, type Engine } from '@orra-ts/engine';
import { FakeModel, FakeService, modelReply } from '@orra-ts/fakes';
import { CliHome } from './harness';

let engine: Engine;
let model: FakeModel;
let service: FakeService;
let home: CliHome;
const wrong = modelReply.plan({ tasks: [{ id: 'task1', service: 'eco', input: {} }] });
const right = modelReply.usage(
  { promptTokens: 900, completionTokens: 40 },
  modelReply.plan({ tasks: [{ id: 'task1', service: 'echo', input: { message: '$task0.message' } }] }),
);

beforeAll(async () => {
  model = await FakeModel.start();
  engine = await createEngine({
    port: 0,
    storage: ':memory:',
    logger: silentLogger,
    model: { model: 'm-1', baseUrl: model.baseUrl },
  });
  home = new CliHome();
  expect((await home.run(['projects', 'add', 'shop', '--server', engine.url])).code).toBe(0);
  const apiKey = home.config.projects?.['shop']?.cli_auth ?? '';
  service = await FakeService.start({ url: engine.url, apiKey, name: 'echo' });
});
afterAll(async () => {
  await service.close();
  await engine.close();
  await model.close();
  home.remove();
});

/** Submits the action and returns the output of `inspect` for the latest orchestration. */
async function inspected(action: string, ...flags: string[]): Promise<string> {
  await home.run(['verify', 'run', action, '-d', 'message:hello', '--follow']);
  const { out } = await home.run(['ps', '-o', 'json']);
  const id = (JSON.parse(out) as { id: string; action: string }[]).find((one) => one.action === action)?.id ?? '';
  return (await home.run(['inspect', ...flags, id])).out;
}

it('shows the model and its token usage, with every rejected response', async () => {
  model.enqueue(wrong, right);
  const brief = await inspected('Say hello');
  expect(brief).toMatch(/Plan: +the model m-1$/m);
  expect(brief).not.toContain('┌─ Planning');
  const { out } = await home.run(['ps', '-o', 'json']);
  const [newest] = JSON.parse(out) as { id: string }[];
  const detailed = (await home.run(['inspect', '-d', newest?.id ?? ''])).out;
  expect(detailed).toMatch(/┌─ Planning\n│ Model: m-1 \(prompt version \d+\)\n│ Took: .* tokens/);
  expect(detailed).toMatch(/│ 1 .* rejected\n│ 2 .*900 \+ 40 +accepted/);
  expect(detailed).toContain('✕ task1 service: no service has the id or name "eco"');
});

it('shows a plan from the cache', async () => {
  expect(await inspected('SAY HELLO', '-d')).toMatch(/Plan: +the plan cache, made by the model m-1$/m);
});

it('shows why there is no plan, and the most similar services', async () => {
  model.enqueue(modelReply.notActionable('nobody flies', ['echo']));
  const out = await inspected('Fly to the moon');
  expect(out).toMatch(/Error: +nobody flies$/m);
  expect(out).toMatch(/Nearest: +echo$/m);
  expect(out).toMatch(/│ 1 .* accepted/);
});

it('shows the problems of the last of three responses', async () => {
  model.enqueue(wrong, wrong, wrong);
  const out = await inspected('Go wrong');
  expect(out).toMatch(/┌─ Problems\n│ ✕ task1 service: no service has the id or name "eco"/);
  expect(out).toMatch(/│ 3 .* rejected/);
});

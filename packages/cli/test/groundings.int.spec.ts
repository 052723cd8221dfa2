/** Groundings with a real engine. */
import { type Engine, createEngine } from '@orra-ts/engine';
import { silentLogger } from '@orra-ts/common';
import { FakeService } from '@orra-ts/fakes';
import { CliHome } from './harness';

const GROUNDING = `
name: order-use-cases
domain: online-shop
version: "1.0"
use-cases:
  - action: Reserve stock for {orderId}
    params:
      orderId: o-17
    capabilities:
      - Holds stock for an order
    intent: Customer wants the goods kept aside
constraints:
  - Never reserve more than is in stock
`;

const INPUT = { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] };
const RESERVE = {
  name: 'reserve',
  action: 'Reserve stock for {orderId}',
  input: INPUT,
  plan: { tasks: [{ id: 'task1', service: 'warehouse', input: { orderId: '$task0.orderId' } }] },
};

let engine: Engine;
let home: CliHome;
beforeAll(async () => {
  engine = await createEngine({ port: 0, storage: ':memory:', plans: [RESERVE], logger: silentLogger });
});
afterAll(() => engine.close());
beforeEach(async () => {
  home = new CliHome();
  await home.run(['projects', 'add', 'shop', '--server', engine.url]);
  home.file('grounding.yaml', GROUNDING);
});
afterEach(() => home.remove());

const apply = (file = 'grounding.yaml') => home.run(['grounding', 'apply', '-f', file]);

describe('grounding', () => {
  it('is applied, listed and removed', async () => {
    expect(await apply()).toMatchObject({
      code: 0,
      out: '✓ Grounding order-use-cases 1.0 applied (grounding.yaml)\n',
    });
    expect((await home.run(['grounding', 'list'])).out).toMatch(/order-use-cases +online-shop +1\.0 +1\n/);
    expect(await home.run(['grounding', 'rm', 'order-use-cases'])).toMatchObject({ code: 0, err: '' });
    expect((await home.run(['grounding', 'ls'])).out).toContain('No groundings');
    await apply();
    expect(await home.run(['grounding', 'remove', '--all', '-o', 'json'])).toMatchObject({
      code: 0,
      out: '{\n  "removed": "all"\n}\n',
    });
    expect((await home.run(['grounding', 'ls', '-o', 'json'])).out).toBe('[]\n');
  });

  it('with a known version is rejected with a hint; another version replaces it', async () => {
    await apply();
    const again = await apply();
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('raise `version` in grounding.yaml')]);
    home.file('next.yaml', GROUNDING.replace('"1.0"', '"1.1"'));
    expect((await apply('next.yaml')).code).toBe(0);
    expect((await home.run(['grounding', 'ls'])).out).toMatch(/order-use-cases +online-shop +1\.1/);
  });

  it('that is invalid is rejected by the engine, with the invalid member', async () => {
    home.file('bad.yaml', GROUNDING.replace('name: order-use-cases', 'name: X'));
    const { code, err } = await apply('bad.yaml');
    expect([code, err]).toEqual([1, expect.stringMatching(/^⨯ Error: bad\.yaml cannot be applied: name/)]);
  });

  it.each([
    ['no YAML', 'name: [', 'not a grounding'],
    ['a list', '- a', 'must be an object'],
    ['two documents', 'name: a\n---\nname: b', 'more than one document'],
    ['a number that would change', 'name: 9007199254740993', '9007199254740993 cannot be read'],
    ['a version that YAML takes for a number', 'name: abc\ndomain: abc\nversion: 1.0\nuse-cases: []', '/version'],
  ])('in a file with %s is rejected before a request', async (_, content, words) => {
    home.file('bad.yaml', content);
    const { code, err } = await apply('bad.yaml');
    expect([code, err]).toEqual([1, expect.stringContaining(words)]);
    expect(err).toContain('quote versions');
  });

  it('is not removed by an incomplete command', async () => {
    expect((await home.run(['grounding', 'rm'])).err).toContain('the name of the grounding is missing');
    expect((await home.run(['grounding', 'rm', 'a', '--all'])).err).toContain('cannot be combined');
    expect((await home.run(['grounding', 'rm', 'nope'])).err).toContain('`orra grounding ls` lists them');
  });
});

describe('grounding mode', () => {
  let warehouse: FakeService;
  beforeEach(async () => {
    const generated = await home.run(['api-keys', 'gen', 'warehouse', '-o', 'json']);
    const { apiKey } = JSON.parse(generated.out) as { apiKey: string };
    warehouse = await FakeService.start({
      url: engine.url,
      apiKey,
      name: 'warehouse',
      description: 'Holds stock for an order',
      schema: { input: INPUT, output: INPUT },
    });
  });
  afterEach(() => warehouse.close());

  const run = (action: string) => home.run(['verify', 'run', action, '-q']);

  it('is guide until it is set to strict, and can be set back', async () => {
    expect(await home.run(['grounding', 'mode'])).toMatchObject({
      code: 0,
      out: 'Groundings: guide (they guide planning and reject nothing)\n',
    });
    expect((await home.run(['grounding', 'mode', 'strict'])).out).toMatch(
      /^✓ Groundings: strict \(once there is a grounding, /,
    );
    expect((await home.run(['grounding', 'mode'])).out).toMatch(/^Groundings: strict /);
    expect((await home.run(['grounding', 'mode', 'guide', '-o', 'json'])).out).toBe('{\n  "groundings": "guide"\n}\n');
    const { code, err } = await home.run(['grounding', 'mode', 'lax']);
    expect([code, err]).toEqual([1, expect.stringContaining('Allowed choices are guide, strict')]);
  });

  it('strict rejects with a hint', async () => {
    await home.run(['grounding', 'mode', 'strict']);
    home.file('grounding.yaml', GROUNDING.replace('- Holds stock for an order', '- Sails'));
    await apply();
    const unmatched = await run('Label the house');
    expect([unmatched.code, unmatched.err]).toEqual([
      1,
      expect.stringMatching(/no matching use-case found; no use case is similar[^]*`orra grounding mode guide`/),
    ]);
    const uncovered = await run('Reserve stock for A-17');
    expect([uncovered.code, uncovered.err]).toEqual([
      1,
      expect.stringMatching(/describes the capability "Sails"[^]*`orra grounding mode guide`/),
    ]);
  });

  it('does not affect inspections, which show the grounding, its constraints and the covered capabilities', async () => {
    home.file('grounding.yaml', GROUNDING.replace('    intent', '      - Sails\n    intent'));
    await apply();
    const id = (await run('Reserve stock for A-17')).out.match(/o_\w+/)?.[0] ?? '';
    await home.run(['grounding', 'rm', '--all']);
    const { code, out } = await home.run(['inspect', id]);
    expect(code).toBe(0);
    expect(out).toContain(
      [
        '┌─ Grounding',
        '│ Name:       order-use-cases 1.0 (online-shop)',
        '│ Use Case:   Reserve stock for {orderId}',
        '│ Params:     orderId = "A-17"',
        '│ Intent:     Customer wants the goods kept aside',
        '│ Constraint: Never reserve more than is in stock',
        '│ Requires:   Holds stock for an order ✓ warehouse, by its description',
        '│ Requires:   Sails ✕ no service of the plan',
        '└─────',
      ].join('\n'),
    );
  });
});

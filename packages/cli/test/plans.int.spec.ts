/** Defined plans with a real engine: files, versions, and services that change. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createOrraClient, type OrraClient } from '@orra-ts/client';
import { silentLogger } from '@orra-ts/common';
import { type Engine, createEngine } from '@orra-ts/engine';
import type { ServiceSchema } from '@orra-ts/protocol';
import { CliHome, type Run } from './harness';

/** The plan in docs/plans.md. */
const [, PLAN = ''] =
  /```yaml\n([^]*?)```/.exec(readFileSync(path.join(__dirname, '../../../docs/plans.md'), 'utf8')) ?? [];

let engine: Engine;
let home: CliHome;
let orra: OrraClient;
beforeEach(async () => {
  engine = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
  home = new CliHome();
  await home.run(['projects', 'add', 'shop', '--server', engine.url]);
  orra = createOrraClient({ url: engine.url, apiKey: home.config.projects?.['shop']?.cli_auth ?? '' });
  home.file('plans.yaml', PLAN);
});
afterEach(async () => {
  await engine.close();
  home.remove();
});

const object = (properties: object, ...required: string[]): ServiceSchema['input'] =>
  ({ type: 'object', properties, required }) as unknown as ServiceSchema['input'];
const TEXT = { type: 'string' };
const STOCK = { input: object({ sku: TEXT, quantity: { type: 'integer' } }), output: object({ holdId: TEXT }) };
const PARCELS = { input: object({ holdId: TEXT, express: { type: 'boolean' } }), output: object({ tracking: TEXT }) };
const register = async (name: string, { input, output }: ServiceSchema): Promise<void> => {
  await orra.services.register({ name, description: `does ${name}`, identity: 'name', schema: { input, output } });
};
const registerBoth = async (): Promise<void> => {
  await register('stock', STOCK);
  await register('parcels', PARCELS);
};
const apply = (file = 'plans.yaml', ...flags: string[]): Promise<Run> => home.run(['plans', 'apply', file, ...flags]);
const lineOf = (text: string): number => PLAN.split('\n').findIndex((line) => line.includes(text)) + 1;

describe('plans apply', () => {
  it('registers the plan of the documentation, reports unchanged plans, and creates versions of changed ones', async () => {
    await registerBoth();
    expect(await apply()).toEqual({ code: 0, err: '', out: '✓ ship-order: registered as version 1\n' });
    expect((await apply()).out).toBe('✓ ship-order: unchanged (version 1)\n');
    home.file('plans.yaml', PLAN.replace('express: true', 'express: false'));
    expect(JSON.parse((await apply('plans.yaml', '-o', 'json')).out)).toEqual([
      { name: 'ship-order', version: 2, status: 'registered' },
    ]);
    await expect(orra.plans.get('ship-order')).resolves.toMatchObject({
      action: 'Ship {quantity} of {sku}',
      plan: { tasks: [{ id: 'hold', service: 'stock', input: { sku: '$task0.sku' } }, { id: 'ship' }] },
    });
  });

  it('registers the order of reverts, and shows it', async () => {
    await registerBoth();
    await apply();
    home.file('plans.yaml', `${PLAN}compensation: parallel\n`);
    expect((await apply()).out).toBe('✓ ship-order: registered as version 2\n');
    await expect(orra.plans.get('ship-order')).resolves.toMatchObject({ plan: { compensation: 'parallel' } });
    expect((await home.run(['plans', 'show', 'ship-order'])).out).toMatch(/^│ Reverts: +in parallel$/m);
  });

  it('accepts several documents, and reports that their plans cannot run without their services', async () => {
    await register('stock', STOCK);
    home.file('two.yaml', `${PLAN}\n---\n# nothing here\n---\n${PLAN.replace('ship-order', 'ship-another')}`);
    const { code, out } = await apply('two.yaml');
    expect(code).toBe(0);
    expect(out).toContain('✓ ship-order: registered as version 1\n  it cannot run with the registered services:\n');
    const line = lineOf('service: parcels');
    expect(out).toMatch(
      new RegExp(`^    two\\.yaml:${line}: ship\\.service: no service has the id or name "parcels"`, 'm'),
    );
    expect(out).toContain('✓ ship-another: registered as version 1');
    const second = PLAN.split('\n').length + 3 + line;
    expect(out).toContain(`two.yaml:${second}: ship.service`);
  });

  it('reports the line where a plan does not match its services', async () => {
    await registerBoth();
    home.file('plans.yaml', PLAN.replace('quantity: $task0', 'quantty: $task0').replace('express: true', 'express: 1'));
    const { code, out } = await apply();
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`plans\\.yaml:${lineOf('quantity: $task0')}: hold\\.input\\.quantty: is not an input of stock`),
    );
    expect(out).toMatch(new RegExp(`plans\\.yaml:${lineOf('express: true')}: ship\\.input\\.express: must be boolean`));
  });

  it('reports every problem of an invalid plan with its line and field, before a request', async () => {
    home.file(
      'bad.yaml',
      [
        'name: abc',
        'action: x',
        'input: { type: object }',
        'taks: []',
        'tasks:',
        '  - id: a',
        '    services: b',
        '    input: {}',
        '---',
        '- a list',
        '---',
        'name: abc',
        'action: 5',
        '---',
        'name: [',
        '---',
        '',
      ].join('\n'),
    );
    const { code, out, err } = await apply('bad.yaml');
    expect([code, out]).toEqual([1, '']);
    expect(err.split('\n')).toEqual([
      '⨯ Error: bad.yaml cannot be applied',
      '  bad.yaml:4: taks: is unknown; known members are name, action, description, input, compensation, tasks',
      '  bad.yaml:7: tasks[0].services: is unknown; known members are id, service, input',
      '  bad.yaml:10: it must be an object',
      expect.stringMatching(/^ {2}bad\.yaml:1[23]: (?:input|action): Expected /),
      expect.stringMatching(/^ {2}bad\.yaml:1[56]: /),
      expect.stringContaining('a plan has name, action, input'),
      '',
    ]);
    expect(await orra.plans.list()).toEqual([]);
  });

  /** Each level contains ten aliases of the previous one. */
  const aliases = Array.from(
    'bcdef',
    (name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcde'[i]}`).join(', ')}]`,
  );
  it.each<[string, (plan: string) => string, RegExp]>([
    ['one name twice', (plan) => `${plan}\n---\n${plan}`, /"ship-order" is already the name of the plan in line 2/],
    [
      'no name',
      (plan) => plan.replace(/^name:.*\n/m, ''),
      /plans\.yaml:2: name: Expected required property, found nothing/,
    ],
    [
      'a name that is none',
      (plan) => plan.replace('ship-order', 'Ship it'),
      /plans\.yaml:2: name: "Ship it" may contain only/,
    ],
    [
      'another order of reverts',
      (plan) => `${plan}compensation: serial\n`,
      /plans\.yaml:\d+: compensation: Expected one of "parallel", null, found "serial"/,
    ],
    ['nothing', () => '# later', /plans\.yaml: it contains no plan/],
    ['a member twice', (plan) => `${plan}action: y\n`, /plans\.yaml:\d+: Map keys must be unique/],
    [
      'aliases that would fill the memory',
      () => ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...aliases].join('\n'),
      /plans\.yaml:1: Excessive alias count/,
    ],
  ])('rejects a file with %s', async (_, change, message) => {
    home.file('plans.yaml', change(PLAN));
    const { code, err } = await apply();
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });

  it('reports rejections of the engine with the lines of the file, after the applied plans', async () => {
    await registerBoth();
    const bad = PLAN.replace('name: ship-order', 'name: bad').replace('$task0.sku', '$nobody.sku');
    home.file('plans.yaml', `${PLAN}---\n${bad}`);
    const { code, out, err } = await apply();
    expect([code, out]).toEqual([1, '✓ ship-order: registered as version 1\n']);
    const offset = PLAN.split('\n').length;
    expect(err).toContain(`plans.yaml:${offset + lineOf('$task0.sku')}: hold.input.sku: `);
  });

  it('reports unknown names and unknown keywords of its input with their lines', async () => {
    const text = [
      'name: pay',
      'action: Pay {skuu}',
      'input:',
      '  properties:',
      '    sku: {',
      '      type: strng }',
      '  required:',
      '    - sku',
      '    - quantty',
      'tasks:',
      '  - id: task1',
      '    service: stock',
      '    input:',
      '      sku: $task0.skuu',
    ].join('\n');
    home.file('plans.yaml', text);
    const { code, err } = await apply();
    expect(code).toBe(1);
    expect(err.split('\n').slice(1, 5)).toEqual([
      '  plans.yaml:2: action: {skuu} is not a property of the input; its properties are sku',
      '  plans.yaml:9: input.required[1]: "quantty" is not a property of the input; its properties are sku',
      expect.stringMatching(
        /^ {2}plans\.yaml:6: input\.properties\.sku\.type: "strng" is not a type; the types are string, /,
      ),
      '  plans.yaml:14: task1.input.sku: refers to "skuu", which is not a property of the input; its properties are sku',
    ]);
    expect(await orra.plans.list()).toEqual([]);
  });

  it('reads a JSON file by the rules of JSON', async () => {
    await registerBoth();
    const plan = {
      name: 'ship-order',
      action: 'Ship {sku}',
      input: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
      tasks: [{ id: 'hold', service: 'stock', input: { sku: '$task0.sku', quantity: 9007199254740991 } }],
    };
    home.file('plan.json', `\uFEFF${JSON.stringify(plan)}`);
    expect(await apply('plan.json')).toMatchObject({ code: 0, err: '' });
    const stored = await orra.plans.get('ship-order');
    expect(stored.plan.tasks[0]?.input).toEqual(plan.tasks[0]?.input);
  });

  it.each([
    ['a comma after the last member', '{\n"name": "a",\n}', 3, /double-quoted property name/],
    ['a name without quotes', '{name: "a"}', 1, /property name/],
    ['an octal number', '{\n"name": 0o17}', 2, /JSON/],
    ['a member that occurs twice', '{\n"name": "a",\n"name": "b"}', 3, /unique/],
    ['a whole number that would change', '{\n"name": 9007199254740993}', 2, /9007199254740993 cannot be read/],
  ])('reports %s of a JSON file', async (_, text, line, problem) => {
    home.file('plan.json', text);
    const { code, err } = await apply('plan.json');
    expect([code, err]).toEqual([1, expect.stringMatching(problem)]);
    expect(err).toContain(`plan.json:${line}: `);
  });

  it('reports a number that would change, with its line', async () => {
    home.file('plans.yaml', PLAN.replace('express: true', 'express: 90071992547409931'));
    const { code, err } = await apply();
    expect([code, err]).toEqual([1, expect.stringContaining('90071992547409931 cannot be read without changing it')]);
    expect(err).toContain(`plans.yaml:${lineOf('express: true')}: `);
  });

  it('reports a missing file with its path', async () => {
    const { code, err } = await apply('nope.yaml');
    expect([code, err]).toEqual([1, expect.stringMatching(/the file .*nope\.yaml does not exist\n {2}pass the path/)]);
  });
});

describe('a plan', () => {
  it('is shown as its tasks with their inputs, and its versions', async () => {
    await registerBoth();
    await apply();
    home.file('plans.yaml', PLAN.replace('express: true', 'express: false'));
    await apply();
    const { code, out } = await home.run(['plans', 'show', 'ship-order']);
    expect(code).toBe(0);
    expect(out).toContain('┌─ Plan ship-order\n');
    expect(out).toMatch(/│ Status: +● Ready/);
    expect(out).toContain('│ hold  stock\n│ ├─ sku       $task0.sku\n│ └─ quantity  $task0.quantity\n');
    expect(out).toContain('│ ship  parcels\n│ ├─ holdId   $hold.holdId\n│ └─ express  false\n');
    expect(out).toMatch(/┌─ Versions\n│ 2 {2}just now\n│ 1 {2}just now\n/);
  });

  it('that is stale is shown with the changes, in the list, alone, and when it is applied again', async () => {
    await registerBoth();
    await apply();
    await register('stock', { ...STOCK, input: object({ sku: TEXT, quantity: TEXT, shelf: TEXT }, 'shelf') });
    const changes = [
      'hold.input.quantity: type was "integer", is "string" (input of stock)',
      'hold.input.shelf: was absent, is required ({"type":"string"}) (input of stock)',
    ];
    const list = (await home.run(['plans', 'ls'])).out;
    expect(list).toMatch(/ship-order .* ✕ Stale/);
    const shown = (await home.run(['plans', 'show', 'ship-order'])).out;
    expect(shown).toContain('┌─ Plan ship-order [STALE]');
    for (const change of changes) {
      expect(list).toContain(`│   ${change}`);
      expect(shown).toContain(`│   ${change}`);
    }
    const again = await apply();
    expect(again.out).toContain('✓ ship-order: unchanged (version 1)');
    expect(again.out).toContain(`plans.yaml:${lineOf('quantity: $task0')}: ${changes[0]}`);
    expect(again.out).toContain(`plans.yaml:${lineOf('    input:')}: ${changes[1]}`);
    const refused = await home.run(['verify', 'run', 'ship 2 of A-17']);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('`orra plans apply`')]);
    home.file('plans.yaml', PLAN.replace('quantity: $task0.quantity', 'quantity: two\n      shelf: top'));
    expect((await apply()).out).toBe('✓ ship-order: registered as version 2\n');
    expect((await home.run(['plans', 'ls'])).out).toMatch(/ship-order .* ● Ready/);
  });

  it('is removed, keeps its versions, and is unknown only if it never existed', async () => {
    await registerBoth();
    await apply();
    expect(await home.run(['plans', 'rm', 'ship-order'])).toMatchObject({
      code: 0,
      out: '✓ Plan ship-order removed\n',
    });
    expect((await home.run(['plans', 'ls'])).out).toContain('No plans are registered');
    const shown = (await home.run(['plans', 'show', 'ship-order'])).out;
    expect(shown).toMatch(/┌─ Plan ship-order \[REMOVED\][^]*Status: +⊖ Removed[^]*│ 1 {2}just now, removed just now/);
    expect((await apply()).out).toBe('✓ ship-order: registered as version 2\n');
    for (const command of ['show', 'rm']) {
      const { code, err } = await home.run(['plans', command, 'nobody']);
      expect([code, err]).toEqual([1, expect.stringMatching(/unknown plan: nobody\n {2}`orra plans ls` lists them/)]);
    }
  });

  it('that ran is shown by inspect, with its version', async () => {
    await registerBoth();
    await apply();
    const run = await home.run(['verify', 'run', 'ship 2 of A-17', '-o', 'json']);
    const { id } = JSON.parse(run.out) as { id: string };
    expect((await home.run(['inspect', id])).out).toMatch(/│ Plan: +the defined plan ship-order, version 1\n/);
    await orra.orchestrations.cancel(id);
  });
});

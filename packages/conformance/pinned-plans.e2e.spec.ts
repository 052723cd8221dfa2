/** Pins a model's plan in code or in a file: `orra` saves it, then it is compiled and run. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { createOrraClient } from '@orra-ts/client';
import { silentLogger } from '@orra-ts/common';
import { type Engine, type PlanRequest, type Planner, type ResolvedTask, createEngine } from '@orra-ts/engine';
import { FakeService } from '@orra-ts/fakes';
import type { DefinedPlan, PlanTask, Spec } from '@orra-ts/protocol';
import { CliFolder } from './cli-process';

const root = path.resolve(__dirname, '..', '..');
const text: Spec = { type: 'string' };
const whole: Spec = { type: 'integer', minimum: 1 };
const object = (properties: Record<string, Spec>, ...required: string[]): Spec => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
});
const list = (items: Spec): Spec => ({ type: 'array', items });

const services: Record<string, { readonly input: Spec; readonly output: Spec }> = {
  'stock-holder': {
    input: object(
      { sku: { ...text, description: "The shop's own number" }, quantity: whole, note: text },
      'sku',
      'quantity',
    ),
    output: object(
      { holdId: text, warehouse: object({ address: object({ line: text }, 'line') }, 'address') },
      'holdId',
    ),
  },
  'my.service-2': {
    input: object(
      {
        mode: { ...text, enum: ['fast', "it's slow", 'c:\\"x"'] },
        lines: list(object({ sku: text, quantity: whole }, 'sku')),
        to: object({ line: text, floor: { ...whole, nullable: true } }, 'line'),
        tags: list(text),
        options: object({ '<key>': text }),
        'odd-name': text,
      },
      'lines',
      'to',
    ),
    output: object({ parcels: list(object({ id: text, labels: list(text) }, 'id')), more: object({ '<key>': text }) }),
  },
  delete: {
    input: object({ message: text, urgent: { type: 'boolean' } }, 'message'),
    output: object({ message: text }),
  },
};

interface Sample {
  readonly name: string;
  readonly action: string;
  /** Arguments of the command line. */
  readonly data: readonly string[];
  readonly constants?: Readonly<Record<string, unknown>>;
  readonly tasks: readonly PlanTask[];
}

const samples: readonly Sample[] = [
  {
    name: 'ship-order',
    action: "Ship 250 of 'sku-9' with A-17's label",
    data: ['sku:sku-9', 'quantity:=250', 'orderId:A-17', "order:={'a':1}".replaceAll("'", '"')],
    tasks: [
      {
        id: 'ship',
        service: 'my.service-2',
        input: {
          mode: "it's slow",
          lines: [
            { sku: 'sku-9', quantity: '$task0.quantity' },
            { sku: 'gift-wrap', quantity: 1 },
          ],
          to: { line: '$hold.warehouse.address.line', floor: null },
          tags: [
            '$task0.orderId',
            '$hold.holdId',
            'a text of more than eighty columns, which goes on in a line of its own',
          ],
        },
      },
      { id: 'hold', service: 'stock-holder', input: { sku: '$task0.sku', quantity: 250 } },
      { id: 'tell', service: 'delete', input: { message: '$ship.parcels.0.id', urgent: true } },
      { id: 'log', service: 'delete', input: { message: '$ship.parcels.0.labels.1' } },
    ],
  },
  {
    name: 'import',
    action: 'Import the order from Rome',
    data: [
      'order:{"lines":[{"sku":"abc","quantity":3}],"ship to":"x","to":{"line":"Via Roma"},"opts":{"a":"b"}}',
      'mode:fast',
      'a b:unused',
    ],
    constants: { city: 'Rome', level: 3 },
    tasks: [
      {
        id: 'task1',
        service: 'my.service-2',
        input: {
          lines: '$task0.order.lines',
          to: { line: '$task0.order.to.line', floor: '$task0.level' },
          options: '$task0.order.opts',
          mode: '$task0.mode',
          'odd-name': '$task0.city',
        },
      },
      {
        id: 'task2',
        service: 'stock-holder',
        input: { sku: '$task1.more.x', quantity: '$task0.order.lines.0.quantity' },
      },
    ],
  },
  {
    name: 'nightly.report-1',
    action: 'Say good night',
    data: [],
    tasks: [{ id: 'task1', service: 'delete', input: { message: 'good\nnight */ `${x}` \u2028' } }],
  },
];

/** A scripted planner in the place of a model. */
const planner: Planner = {
  plan({ action, data, services: known }: PlanRequest) {
    const sample = samples.find((one) => one.action === action);
    if (!sample) return { kind: 'not_actionable', reason: 'nobody flies', nearest: ['stock-holder'] };
    const tasks = sample.tasks.map(({ id, service = '', input }): ResolvedTask => {
      const found = known.find(({ name }) => name === service);
      if (!found) throw new Error(`${service} is not registered`);
      return {
        id,
        serviceId: found.id,
        serviceName: found.name,
        capability: found.description,
        input,
        dependsOn: [],
        inputSpec: found.schema.input,
        outputSpec: found.schema.output,
        revertible: false,
      };
    });
    const submitted = Object.fromEntries((data ?? []).map(({ field, value }) => [field, value]));
    const planning = { model: 'm', promptVersion: 1, durationMs: 5, attempts: [{ durationMs: 5 }] };
    const plan = { tasks, parallelGroups: [], taskZero: { ...sample.constants, ...submitted } };
    return { kind: 'planned', plan, source: { kind: 'model', model: 'm' }, planning };
  },
};

const shell = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
const node = (folder: CliFolder, ...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' });

describe('plans of a model', () => {
  let engine: Engine;
  let folder: CliFolder;
  const yamlOf = ({ name }: Sample): string => readFileSync(path.join(folder.path, `${name}.plan.yaml`), 'utf8');
  const documentOf = (sample: Sample): DefinedPlan => {
    const { tasks, ...rest } = parse(yamlOf(sample)) as DefinedPlan & DefinedPlan['plan'];
    return { ...rest, plan: { tasks } };
  };

  beforeAll(async () => {
    engine = await createEngine({ port: 0, storage: ':memory:', planner, logger: silentLogger });
    folder = new CliFolder();
    await folder.run(`${folder.command} projects add shop --server ${engine.url}`);
    const { out } = await folder.run(`${folder.command} api-keys gen test -o json`);
    const { apiKey } = JSON.parse(out) as { apiKey: string };
    const orra = createOrraClient({ url: engine.url, apiKey });
    for (const [name, schema] of Object.entries(services)) {
      await orra.services.register({ name, description: `Does ${name}`, schema });
    }
    for (const { name, action, data } of samples) {
      const flags = data.map((item) => `-d ${shell(item)}`).join(' ');
      const saved = await folder.run(`${folder.command} plan ${shell(action)} ${flags} --save ${name} --code`);
      expect([saved.code, saved.err]).toEqual([0, '']);
    }
  });
  afterAll(async () => {
    await engine.close();
    await folder.remove();
  });

  it('are saved with params, references and a schema of the data', () => {
    const [order, imported, report] = samples.map(documentOf);
    expect(order).toMatchObject({
      action: "Ship {quantity} of '{sku}' with {orderId}'s label",
      description: 'Runs stock-holder, then my.service-2, then delete',
      input: {
        properties: { sku: { type: 'string', description: "The shop's own number" }, quantity: whole, orderId: text },
        required: ['sku', 'quantity', 'orderId'],
      },
      plan: {
        tasks: [
          { id: 'task1', service: 'stock-holder', input: { sku: '$task0.sku', quantity: '$task0.quantity' } },
          {
            id: 'task2',
            input: {
              lines: [
                { sku: '$task0.sku', quantity: '$task0.quantity' },
                { sku: 'gift-wrap', quantity: 1 },
              ],
            },
          },
          { id: 'task3', input: { message: '$task2.parcels.0.id' } },
          { id: 'task4', input: { message: '$task2.parcels.0.labels.1' } },
        ],
      },
    });
    expect(imported).toMatchObject({
      action: 'Import the order from {city}',
      plan: { tasks: [{ input: { to: { floor: 3 }, 'odd-name': '$task0.city' } }, {}] },
    });
    expect(report).toMatchObject({ action: 'Say good night', input: { type: 'object', properties: {} } });
  });

  it('compile as code under the strictest settings, and are the same plans', () => {
    const strict = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
    };
    const compilerOptions = {
      ...strict,
      target: 'ES2022',
      module: 'nodenext',
      outDir: 'out',
      types: [],
      skipLibCheck: true,
    };
    writeFileSync(path.join(folder.path, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const compiled = node(folder, path.join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
    expect(compiled.stdout).toBe('');

    const files = samples.map(({ name }) => `./out/${name}.plan.js`);
    const program = `const { resolvePlan } = require('@orra-ts/sdk/internal');
      const plans = ${JSON.stringify(files)}.flatMap((file) => Object.values(require(file)).map((plan) => resolvePlan(plan)));
      console.log(JSON.stringify(plans))`;
    const { stdout, stderr } = node(folder, '-e', program);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(samples.map(documentOf));
  });

  it('are formatted as prettier does', () => {
    const prettier = path.join(root, 'node_modules/prettier/bin/prettier.cjs');
    const files = samples.map(({ name }) => `${name}.plan.ts`);
    const { stdout, stderr } = node(folder, prettier, '--no-config', '--single-quote', '--check', ...files);
    expect({ stdout, stderr }).toMatchObject({ stderr: '' });
  });

  it('run without a model, with other data', async () => {
    const [sample] = samples as [Sample];
    const plain = await createEngine({ port: 0, storage: ':memory:', logger: silentLogger });
    const { apiKey } = await plain.createProject({ name: 'plain' });
    const orra = createOrraClient({ url: plain.url, apiKey });
    const seen: unknown[] = [];
    const outputs: Record<string, unknown> = {
      'stock-holder': { holdId: 'h-1', warehouse: { address: { line: 'Dock 3' } } },
      'my.service-2': { parcels: [{ id: 'p-1', labels: ['a', 'b'] }] },
      delete: { message: 'done' },
    };
    const running = await Promise.all(
      Object.entries(services).map(([name, schema]) =>
        FakeService.start({
          url: plain.url,
          apiKey,
          name,
          schema,
          onTask: ({ input }) => {
            seen.push(input);
            return { output: outputs[name] };
          },
        }),
      ),
    );
    try {
      await folder.run(`${folder.command} projects add plain --server ${plain.url}`);
      const config = path.join(folder.path, '.orra', 'config.json');
      const stored = JSON.parse(readFileSync(config, 'utf8')) as { projects: { plain: { cli_auth: string } } };
      stored.projects.plain.cli_auth = apiKey;
      writeFileSync(config, JSON.stringify(stored));
      const applied = await folder.run(`${folder.command} -p plain plans apply ${sample.name}.plan.yaml`);
      expect(applied).toMatchObject({ code: 0, err: '', out: expect.stringContaining('version 1') });
      const handle = await orra.action("Ship 7 of 'sku-1' with B-2's label").submit();
      expect(await handle.result()).toMatchObject({ status: 'completed', output: { message: 'done' } });
      expect(handle.submitted.planSource).toMatchObject({ kind: 'defined', name: 'ship-order' });
      expect(seen.slice(0, 2)).toEqual([
        { sku: 'sku-1', quantity: 7 },
        expect.objectContaining({
          lines: [
            { sku: 'sku-1', quantity: 7 },
            { sku: 'gift-wrap', quantity: 1 },
          ],
          to: { line: 'Dock 3', floor: null },
          tags: ['B-2', 'h-1', expect.any(String)],
        }),
      ]);
    } finally {
      await Promise.all(running.map((one) => one.close()));
      await plain.close();
    }
  });

  it('that fail are a result for submitters that did not wait', async () => {
    const { apiKey } = await engine.createProject({ name: 'later' });
    const orra = createOrraClient({ url: engine.url, apiKey });
    await orra.services.register({ name: 'stock-holder', description: 'Holds', schema: services['stock-holder'] });
    const handle = await orra.action('Fly').submit({ respondAsync: true });
    expect(await handle.result()).toEqual({ id: handle.id, status: 'not_actionable', reason: 'nobody flies' });
    expect(await orra.action('Fly').preview()).toEqual({
      outcome: 'not_actionable',
      reason: 'nobody flies',
      nearestServices: ['stock-holder'],
    });
  });
});

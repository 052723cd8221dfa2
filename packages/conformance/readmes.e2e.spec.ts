/** The programs in the READMEs of the packages compile unchanged, as ES modules, and run to completion. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { silentLogger } from '@orra-ts/common';
import { createEngine, type Engine } from '@orra-ts/engine';
import { FakeService } from '@orra-ts/fakes';

const root = path.resolve(__dirname, '..', '..');
const programs = readdirSync(path.join(root, 'packages')).flatMap((name) => {
  const file = path.join(root, 'packages', name, 'README.md');
  return name === 'conformance' ? [] : programsOf(name, readFileSync(file, 'utf8'));
});

function programsOf(name: string, page: string): (readonly [name: string, code: string])[] {
  const blocks = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)];
  return blocks.map(([, code = ''], index) => [`${name}-${index + 1}`, code] as const);
}

let folder: string;
let engine: Engine;
let orders: FakeService;
let apiKey: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'orra-readmes-'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [name, code] of programs) writeFileSync(path.join(folder, `${name}.mts`), code);
  const input = { type: 'object', properties: { orderId: { type: 'string' } } };
  const plan = { tasks: [{ id: 'task1', service: 'orders', input: { orderId: '$task0.orderId' } }] };
  engine = await createEngine({
    port: 0,
    storage: ':memory:',
    logger: silentLogger,
    plans: [{ name: 'process-order', action: 'Process order', input, plan }],
  });
  apiKey = (await engine.createProject({ name: 'readmes' })).apiKey;
  orders = await FakeService.start({ url: engine.url, apiKey, name: 'orders', schema: { input, output: input } });
});
afterAll(async () => {
  await orders.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function compile(): string[] {
  const base = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), (file) => readFileSync(file, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(
    { ...(base.config as object), files: programs.map(([name]) => `${name}.mts`) },
    ts.sys,
    folder,
  );
  const files = programs.map(([name]) => path.join(folder, `${name}.mts`));
  const program = ts.createProgram(files, { ...options, declaration: false, sourceMap: false, inlineSources: false });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ file, messageText }) => {
    return `${path.basename(file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

/** Runs a program in an empty folder, with the URL of an engine, which the program of the client needs. */
function run(name: string): Promise<{ readonly code: number | null; readonly err: string; readonly out: string }> {
  const cwd = path.join(folder, `run-${name}`);
  mkdirSync(cwd);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(folder, `${name}.mjs`)], {
      cwd,
      env: { PATH: process.env['PATH'], ORRA_URL: engine.url, ORRA_API_KEY: apiKey, ORRA_LOG_LEVEL: 'silent' },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

it('at least six packages have a program', () => {
  expect(new Set(programs.map(([name]) => name.split('-')[0])).size).toBeGreaterThanOrEqual(6);
});

it('all programs compile', () => {
  expect(compile()).toEqual([]);
});

it.each(programs)('%s runs to completion', async (name) => {
  const { code, err } = await run(name);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

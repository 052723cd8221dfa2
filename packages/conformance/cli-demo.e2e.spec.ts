/**
 * Runs the three orders of the demo on an engine in another process, and compares the output of `orra inspect`, in a pipe
 * and in a terminal, with golden files. `UPDATE_GOLDEN=1` rewrites the files; review the difference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CliFolder, hasTerminals } from './cli-process';
import { EngineProcess } from './engine-process';

const DEMO = path.join(__dirname, '..', '..', 'examples', 'ecommerce', 'dist', 'main.js');
const GOLDEN = path.join(__dirname, 'golden');
const ORDERS = [
  ['A-1001', 'completed'],
  ['A-1002', 'aborted'],
  ['A-1003', 'failed'],
] as const;
const FLAGS = ['--updates', '--long-updates'] as const;
const COLUMNS = 100;

const inTerminals = hasTerminals ? describe : describe.skip;
const cases = ORDERS.flatMap(([order, status]) => FLAGS.map((flag) => [order, status, flag] as const));

let engine: EngineProcess;
let folder: CliFolder;
/** Orchestration ids by action. */
const ids = new Map<string, string>();

beforeAll(async () => {
  engine = await EngineProcess.start();
  folder = new CliFolder();
  const added = await folder.run(`${folder.command} projects add shop --server ${engine.url}`);
  expect(added).toMatchObject({ code: 0, err: '' });
  const { apiKey } = JSON.parse((await folder.run(`${folder.command} api-keys gen demo -o json`)).out) as {
    apiKey: string;
  };
  const env = { ORRA_URL: engine.url, ORRA_API_KEY: apiKey };
  const demo = await folder.run(`'${process.execPath}' '${DEMO}' --remote`, env);
  expect(demo).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining(`${engine.url}, of ORRA_URL`) as string,
  });
  const { out } = await folder.run(`${folder.command} ps -o json`);
  for (const { id, action } of JSON.parse(out) as { id: string; action: string }[]) ids.set(action, id);
});
afterAll(async () => {
  await folder.remove();
  await engine.remove();
});

/** The random part of the ids of the engine and of the shop. */
const RANDOM =
  /(?<=\b(?:[opcs]|task_fail_task\d+)_)(?:[2-9A-HJ-NP-Za-km-z]{20,24}|[a-z]{28})\b|(?<=\brsv-)[0-9a-f]{8}\b/g;

/** Replaces what differs between runs with placeholders that keep the column widths. Equal ids get equal placeholders. */
function steady(text: string): string {
  const seen = new Map<string, number>();
  return (
    text
      .replaceAll(engine.url, '<url>')
      .replace(RANDOM, (id) => {
        if (!seen.has(id)) seen.set(id, seen.size + 1);
        return `<${seen.get(id)}>`;
      })
      .replace(/\b\d\d:\d\d:\d\d\b/g, '<time>')
      .replace(/\b\d+(?:\.\d+)?(?:ms|s)\b( *)/g, (span, blanks: string) =>
        blanks.length < 2 ? `<span>${blanks}` : '<span>'.padEnd(span.length),
      )
      // Visible in files and in the output of jest.
      .replaceAll('\u001b', '␛')
  );
}

function expectGolden(name: string, text: string): void {
  const file = path.join(GOLDEN, `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const commandFor = (order: string, flag: string): string =>
  `${folder.command} inspect -d ${ids.get(`Ship order ${order}`) ?? '?'} ${flag}`;

describe('through a pipe', () => {
  it.each(cases)('%s, which %s, is shown with %s', async (order, status, flag) => {
    const { code, out, err } = await folder.run(commandFor(order, flag));
    expect([code, err]).toEqual([0, '']);
    expectGolden(`demo-${status}${flag.slice(1)}`, steady(out));
  });
});

inTerminals('in a terminal', () => {
  it.each(cases)('%s, which %s, is shown with %s', async (order, status, flag) => {
    const { code, out } = await folder.inTerminal(commandFor(order, flag), COLUMNS);
    expect(code).toBe(0);
    expectGolden(`demo-${status}${flag.slice(1)}-terminal`, steady(out));
  });
});

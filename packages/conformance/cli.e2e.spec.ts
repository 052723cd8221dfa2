/** `orra` through pipes and in a real terminal, against an engine in another process. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { FakeService } from '@orra-ts/fakes';
import { CliFolder, hasTerminals } from './cli-process';
import { EngineProcess } from './engine-process';

const root = path.resolve(__dirname, '..', '..');
const inTerminals = hasTerminals ? describe : describe.skip;

let engine: EngineProcess;
let service: FakeService;
let folder: CliFolder;
let orra: string;

beforeAll(async () => {
  engine = await EngineProcess.start();
  folder = new CliFolder();
  orra = folder.command;
  const { out } = await folder.run(`${orra} projects add shop --server ${engine.url} -o json`);
  expect(JSON.parse(out)).toMatchObject({ name: 'shop', current: true });
  const { apiKey } = JSON.parse((await folder.run(`${orra} api-keys gen service -o json`)).out) as { apiKey: string };
  service = await FakeService.start({ url: engine.url, apiKey, name: 'echo' });
  const plan = {
    name: 'say-it',
    action: 'Say what the customer has to hear about the order that is on its way',
    input: { type: 'object', properties: { message: { type: 'string' } } },
    plan: { tasks: [{ id: 'task1', service: 'echo', input: { message: '$task0.message' } }] },
  };
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const { status } = await fetch(`${engine.url}/plans/${plan.name}`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(plan),
  });
  expect(status).toBe(200);
  const { code } = await folder.run(`${orra} verify run '${plan.action}' -d message:hello --follow`);
  expect(code).toBe(0);
});
afterAll(async () => {
  await service.close();
  await folder.remove();
  await engine.remove();
});

describe('in a pipe', () => {
  it('output has no colours and is not cut', async () => {
    const { code, out, err } = await folder.run(`${orra} ps`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(stripVTControlCharacters(out));
    expect(out).toMatch(
      /o_\w{22} {2}Say what the customer has to hear about the order that is on its way {2}● Completed/,
    );
  });

  it('errors go to standard error, with exit code 1', async () => {
    const { code, out, err } = await folder.run(`${orra} inspect o_nope`);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^⨯ Error: unknown orchestration: o_nope/);
  });

  it('a reader that closes the pipe early does not cause a failure', async () => {
    const { out, err } = await folder.run(`${orra} ps -o json | head -1`);
    expect([out, err]).toEqual(['[\n', '']);
  });

  it('large output arrives completely', async () => {
    const message = 'x'.repeat(100_000);
    await folder.run(
      `${orra} verify run 'Say what the customer has to hear about the order that is on its way' -d message:${message} --follow`,
    );
    const { out } = await folder.run(`${orra} ps -o json | ${orra} version > /dev/null; ${orra} ps -o json`);
    const [newest] = JSON.parse(out) as { id: string }[];
    const inspection = await folder.run(`${orra} inspect -d -o json ${newest?.id ?? ''} | cat`);
    expect((JSON.parse(inspection.out) as { results: unknown[] }).results).toEqual([{ message }]);
  });
});

inTerminals('in a terminal', () => {
  it('output has colours and fits the width', async () => {
    const { code, out } = await folder.inTerminal(`${orra} ps`, 100);
    expect(code).toBe(0);
    expect(out).toContain('\u001b[32m● Completed\u001b[39m');
    const lines = stripVTControlCharacters(out).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBe(100);
    expect(lines.some((line) => line.includes('…'))).toBe(true);
  });

  it('a wide terminal prints the same text as a pipe', async () => {
    const [terminal, pipe] = [await folder.inTerminal(`${orra} ps -w`, 400), await folder.run(`${orra} ps -w`)];
    expect(stripVTControlCharacters(terminal.out)).toBe(pipe.out);
  });

  it('NO_COLOR has an effect, and FORCE_COLOR in a pipe', async () => {
    expect((await folder.inTerminal(`${orra} ps`, 100, { NO_COLOR: '1' })).out).not.toContain('\u001b');
    expect((await folder.run(`${orra} ps`, { FORCE_COLOR: '1' })).out).toContain('\u001b[32m');
  });

  it('a plan fits into 80 columns', async () => {
    const line = `${orra} plan 'Say what the customer has to hear about the order that is on its way' -d message:hello`;
    const { code, out } = await folder.inTerminal(line, 80);
    const lines = stripVTControlCharacters(out).trimEnd().split('\n');
    expect([code, Math.max(...lines.map(({ length }) => length)) <= 80]).toEqual([0, true]);
    expect(lines.slice(-6)).toEqual([
      '│ Source: the defined plan say-it, version 1',
      '└─────',
      '',
      'Say what the customer has to hear about the order that is on its way',
      '└── task1  echo',
      '      message ← message',
    ]);
  });

  it('errors have colours too', async () => {
    const { code, out } = await folder.inTerminal(`${orra} inspect o_nope`, 100);
    expect([code, out]).toEqual([1, expect.stringContaining('\u001b[31m⨯\u001b[39m Error:')]);
  });

  it('--watch clears the screen, and ends with the orchestration', async () => {
    const { out } = await folder.run(`${orra} ps -o json`);
    const [newest] = JSON.parse(out) as { id: string }[];
    const watched = await folder.inTerminal(`${orra} inspect --watch ${newest?.id ?? ''}`, 100);
    expect([watched.code, watched.out.startsWith('\u001b[H\u001b[2J')]).toEqual([0, true]);
  });
});

describe('orra dev', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s with exit code 0', async (signal) => {
    const dev = await folder.start(`${orra} dev --port 0 -p ${signal.toLowerCase()}`, /Ctrl-C/);
    const [, url = ''] = /ready after \d+ ms: (\S+)/.exec(dev.said) ?? [];
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await dev.end(signal)).toBe(0);
  });
});

describe('docs/cli.md', () => {
  it('equals the help of the commands (node scripts/cli-docs.mjs)', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/cli-docs.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

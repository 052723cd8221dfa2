/** Many concurrent `orra` processes with one config file: no change is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { CliFolder } from './cli-process';

/** Number of concurrent processes. */
const PROCESSES = 8;

/** An engine that responds only after all expected requests have arrived. */
class Gate {
  private readonly waiting: (() => void)[] = [];
  private expected = 1;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Gate> {
    const server = createServer();
    const gate = new Gate(server.listen(0, '127.0.0.1'));
    server.on('request', (request, response: ServerResponse) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => gate.arrived(() => response.writeHead(201).end(answerTo(request.url ?? '', text))));
    });
    await once(server, 'listening');
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Responds to the next `expected` requests together. */
  gather(expected: number): void {
    this.expected = expected;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private arrived(answer: () => void): void {
    this.waiting.push(answer);
    if (this.waiting.length < this.expected) return;
    for (const release of this.waiting.splice(0)) release();
  }
}

let answered = 0;
function answerTo(url: string, text: string): string {
  const n = ++answered;
  if (url === '/apikeys') return JSON.stringify({ apiKey: `sk-orra-v1-${n}` });
  if (url === '/webhooks') return text;
  const time = '2026-01-01T00:00:00Z';
  const none = { additionalAPIKeys: null, webhooks: null, compensationFailureWebhooks: null };
  const project = { id: `p_${n}`, apiKey: `sk-orra-v1-${n}`, ...none, createdAt: time, updatedAt: time };
  return JSON.stringify({ ...project, ...(JSON.parse(text) as { name: string }) });
}

let gate: Gate;
let folder: CliFolder;
let orra: string;
beforeEach(async () => {
  gate = await Gate.open();
  folder = new CliFolder();
  orra = folder.command;
});
afterEach(async () => {
  await folder.remove();
  await gate.close();
});

interface Project {
  readonly api_key: Readonly<Record<string, string>>;
  readonly webhooks: readonly string[];
}
const configFile = (): string => path.join(folder.path, '.orra', 'config.json');
const projects = (): Readonly<Record<string, Project>> =>
  (JSON.parse(readFileSync(configFile(), 'utf8')) as { projects: Record<string, Project> }).projects;

const numbers = Array.from({ length: PROCESSES }, (_, n) => n + 1);
async function allAtOnce(lines: readonly string[]): Promise<void> {
  gate.gather(lines.length);
  const ended = await Promise.all(lines.map((line) => folder.run(line)));
  expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
}
const addProjects = (): Promise<void> =>
  allAtOnce(numbers.map((n) => `${orra} projects add p${n} --server ${gate.url}`));

it('projects, keys and webhooks that are added concurrently are all stored', async () => {
  await addProjects();
  expect(Object.keys(projects()).sort()).toEqual(numbers.map((n) => `p${n}`));
  const half = numbers.slice(PROCESSES / 2);
  await allAtOnce([
    ...half.map((n) => `${orra} -p p1 api-keys gen key-${n}`),
    ...half.map((n) => `${orra} -p p1 webhooks add http://127.0.0.1:9/${n}`),
  ]);
  const { api_key: keys = {}, webhooks = [] } = projects()['p1'] ?? {};
  expect(Object.keys(keys).sort()).toEqual(half.map((n) => `key-${n}`));
  expect([...webhooks].sort()).toEqual(half.map((n) => `http://127.0.0.1:9/${n}`));
  expect(readdirSync(path.dirname(configFile()))).toEqual(['config.json']);
});

it('if several processes add the same name concurrently, one succeeds and the others report an error', async () => {
  gate.gather(PROCESSES);
  const ended = await Promise.all(numbers.map(() => folder.run(`${orra} projects add shop --server ${gate.url}`)));
  expect(ended.map(({ code }) => code).sort()).toEqual([0, ...numbers.slice(1).map(() => 1)]);
  const [{ out } = { out: '' }] = ended.filter(({ code }) => code === 0);
  expect(out).toContain((projects()['shop'] as Project & { id: string }).id);
  expect(ended.flatMap(({ code, err }) => (code === 0 ? [] : [err.split('\n')[0]]))).toEqual(
    numbers.slice(1).map(() => '⨯ Error: the config already has a project shop'),
  );
});

it('the lock of a killed process does not block others', async () => {
  await folder.run(`${orra} projects add first --server ${gate.url}`);
  // Its request never ends, so it is killed while it holds the lock.
  const program = `require(process.argv[1]).withFileLock(process.argv[2], () => {
    process.stdout.write('held');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;
  const module = path.join(__dirname, '..', 'cli', 'dist', 'config', 'file-lock.js');
  const holder = spawn(process.execPath, ['-e', program, module, configFile()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit');
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await exited;
  expect(existsSync(`${configFile()}.lock`)).toBe(true);
  await addProjects();
  expect(Object.keys(projects()).sort()).toEqual(['first', ...numbers.map((n) => `p${n}`)]);
});

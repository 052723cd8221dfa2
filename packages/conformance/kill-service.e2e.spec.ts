import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOrraClient, type OrchestrationHandle } from '@orra-ts/client';
import { EngineProcess } from './engine-process';

const plan = { tasks: [{ id: 'task1', service: 'worker', input: { value: '$task0.value' } }] };

/** The process of the service. It keeps all output, so that tests do not miss early lines. */
class ServiceProcess {
  private readonly said: string[] = [];
  private readonly child: ChildProcess;

  constructor() {
    const options = { url: engine.url, apiKey, dataDir, runs: path.join(dataDir, 'runs.log') };
    this.child = fork(path.join(__dirname, 'service-child.cjs'), [JSON.stringify(options)]);
    this.child.on('message', (word) => this.said.push(word as string));
    children.push(this.child);
  }

  async hears(word: string): Promise<void> {
    while (!this.said.includes(word)) await once(this.child, 'message');
    this.said.splice(this.said.indexOf(word), 1);
  }

  proceed(): void {
    this.child.send('proceed');
  }

  /** Resolves with the exit code; null after SIGKILL. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.kill(signal);
    return (await exited)[0];
  }
}

let engine: EngineProcess;
let apiKey: string;
let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  engine = await EngineProcess.start();
  apiKey = await engine.newProject();
  dataDir = mkdtempSync(path.join(tmpdir(), 'orra-service-'));
  writeFileSync(path.join(dataDir, 'runs.log'), '');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await engine.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

const submit = (): Promise<OrchestrationHandle> =>
  createOrraClient({ url: engine.url, apiKey }).action('Work').with({ value: 'order' }).plan(plan).submit();

/** `key interrupted` for each handler run. */
const runs = (): string[][] =>
  readFileSync(path.join(dataDir, 'runs.log'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));

const completed = { status: 'completed', output: { value: 'order, done' } };

it('SIGTERM during a handler: the handler ends, its result is acknowledged, the process exits with code 0', async () => {
  const service = new ServiceProcess();
  await service.hears('ready');
  const order = await submit();
  await service.hears('begun');
  const exited = service.end('SIGTERM');
  service.proceed();
  expect(await exited).toBe(0);
  expect(await order.result({ timeout: '10s' })).toMatchObject(completed);
  expect(runs()).toHaveLength(1);
});

it('SIGKILL during a handler: the next process runs the same key again, with `task.interrupted`', async () => {
  const service = new ServiceProcess();
  await service.hears('ready');
  const order = await submit();
  await service.hears('begun');
  await service.end('SIGKILL');
  const next = new ServiceProcess();
  await next.hears('begun');
  next.proceed();
  expect(await order.result({ timeout: '10s' })).toMatchObject(completed);
  const [first, second] = runs();
  expect([first?.[1], second?.[1]]).toEqual(['false', 'true']);
  expect(second?.[0]).toBe(first?.[0]);
});

it('SIGKILL after the handler ended and before its result was acknowledged: the result is sent, the handler does not run again', async () => {
  const service = new ServiceProcess();
  await service.hears('ready');
  const order = await submit();
  await service.hears('begun');
  await engine.kill();
  service.proceed();
  await service.hears('stored');
  await service.end('SIGKILL');
  await engine.run();
  const next = new ServiceProcess();
  expect(await order.result({ timeout: '10s' })).toMatchObject(completed);
  expect(runs()).toHaveLength(1);
  await next.hears('ready');
});

it('SIGTERM while the engine is unavailable ends the process at once with code 0', async () => {
  await engine.kill();
  const service = new ServiceProcess();
  await service.hears('starting');
  expect(await service.end('SIGTERM')).toBe(0);
});

/** Every command, in one session with a real engine. The test fails if a command is missing. */
import type { Command } from 'commander';
import { type Engine, createEngine } from '@orra-ts/engine';
import { FakeService } from '@orra-ts/fakes';
import { silentLogger } from '@orra-ts/common';
import { processIo } from '@orra-ts/common/process';
import { Runner } from '../src/command';
import { buildProgram } from '../src/program';
import { CliHome } from './harness';

/** Commands that run until they are stopped are tested in dev.int.spec.ts and webhooks.int.spec.ts. */
const ELSEWHERE = ['dev', 'verify webhooks start'];
const ACTION = 'Say it';
const TEXT = { type: 'object' as const, properties: { message: { type: 'string' as const } } };

let engine: Engine;
let home: CliHome;
let service: FakeService | undefined;
beforeAll(async () => {
  const tasks = [
    { id: 'task1', service: 'echo', input: { message: '$task0.message' } },
    { id: 'task2', service: 'echo', input: { message: '$task1.message' } },
  ];
  engine = await createEngine({
    port: 0,
    storage: ':memory:',
    logger: silentLogger,
    timings: { compensationMaxAttempts: 1 },
    plans: [{ name: 'say-it', action: ACTION, input: TEXT, plan: { tasks } }],
  });
  home = new CliHome();
});
afterAll(async () => {
  await service?.close();
  await engine.close();
  home.remove();
});

const leaves = (command: Command, path: readonly string[] = []): string[] =>
  command.commands.length === 0
    ? [path.join(' ')]
    : command.commands.flatMap((child) => leaves(child, [...path, child.name()]));

it('every command works, with JSON and with human-readable output', async () => {
  const driven = new Set<string>();
  /** Runs a command twice. A command that changes something gets other arguments the second time. */
  const drive = async (name: string, args: readonly string[] = [], again = args): Promise<unknown> => {
    driven.add(name);
    const json = await home.run([...name.split(' '), ...args, '--output', 'json']);
    expect({ name, code: json.code, err: json.err }).toEqual({ name, code: 0, err: '' });
    const text = await home.run([...name.split(' '), ...again]);
    expect({ name, code: text.code, err: text.err, isEmpty: text.out === '' }).toEqual({
      name,
      code: 0,
      err: '',
      isEmpty: false,
    });
    return JSON.parse(json.out);
  };

  await drive('projects add', ['shop', '--server', engine.url], ['garden', '--server', engine.url]);
  await drive('projects use', ['shop']);
  expect(await drive('projects ls')).toMatchObject([{ name: 'garden' }, { name: 'shop', current: true }]);
  const { apiKey } = (await drive('api-keys gen', ['a'], ['b'])) as { apiKey: string };
  expect(await drive('api-keys ls')).toMatchObject([{ name: 'a', apiKey }, { name: 'b' }]);
  await drive('webhooks add', ['http://127.0.0.1:9/results'], ['http://127.0.0.1:9/other']);
  await drive('comp-fail webhooks add', ['http://127.0.0.1:9/given-up']);
  expect(await drive('webhooks ls')).toHaveLength(2);
  expect(await drive('comp-fail webhooks ls')).toHaveLength(2);

  service = await FakeService.start({
    url: engine.url,
    apiKey,
    name: 'echo',
    revertible: true,
    schema: { input: TEXT, output: TEXT },
    onTask: ({ id, input }) => {
      const { message } = input as { message: string };
      if (message === 'wait') return undefined;
      return id === 'task2' && message === 'abort' ? { abort: 'said enough' } : { output: { message } };
    },
    onRevert: () => ({ revert: { status: 'failed', error: 'what is said is said' } }),
  });
  expect(await drive('services ls')).toMatchObject([{ name: 'echo', connections: 1 }]);
  expect(await drive('plans ls')).toMatchObject([{ name: 'say-it' }]);
  expect(await drive('plans show', ['say-it'])).toMatchObject({ name: 'say-it', versions: [{ version: 1 }] });
  const plan = (name: string): string =>
    `{ name: ${name}, action: ${name}, input: { type: object }, tasks: [{ id: a, service: echo, input: { message: m } }] }`;
  home.file('plan.yaml', plan('extra'));
  home.file('plans.yaml', `${plan('extra')}\n---\n${plan('another')}`);
  expect(await drive('plans apply', ['plan.yaml'], ['plans.yaml'])).toMatchObject([{ name: 'extra', version: 1 }]);
  expect(await drive('plans rm', ['extra'], ['another'])).toEqual({ removed: 'extra' });

  const looked = [ACTION, '-d', 'message:hi', '--code', '--save'];
  expect(await drive('plan', [...looked, 'say-a'], [...looked, 'say-b'])).toMatchObject({
    outcome: 'planned',
    source: { kind: 'defined', name: 'say-it' },
    saved: { files: ['say-a.plan.yaml', 'say-a.plan.ts'] },
  });

  const { id } = (await drive('verify run', [ACTION, '-d', 'message:abort'])) as { id: string };
  const watched = await home.run(['inspect', '--watch', id, '--output', 'json']);
  expect(watched.code).toBe(2);
  expect(await drive('inspect', [id, '-d', '--long-updates'])).toMatchObject({ id, status: 'aborted' });
  expect(await drive('ps')).toHaveLength(2);
  const open = async (): Promise<string> =>
    (JSON.parse((await home.run(['verify', 'run', ACTION, '-d', 'message:wait', '-o', 'json'])).out) as { id: string })
      .id;
  await drive('cancel', [await open(), '-r', 'never mind'], [await open()]);

  const [failure] = (await drive('comp-fail ls', ['-o', id])) as { id: string }[];
  const failed = failure?.id ?? '';
  expect(await drive('comp-fail inspect', [failed])).toMatchObject({ id: failed, orchestrationId: id });
  expect(await drive('comp-fail resolve', [failed, '-r', 'done'])).toMatchObject({ resolutionState: 'resolved' });
  expect(await drive('comp-fail ignore', [failed, '-r', 'no'])).toMatchObject({ resolutionState: 'ignored' });
  driven.add('comp-fail retry');
  expect((await home.run(['comp-fail', 'retry', failed])).code).toBe(0);

  const grounding = (version: string): string =>
    `{ name: talk, domain: talk, version: "${version}", use-cases: [{ action: ${ACTION}, capabilities: [Says], intent: To say }] }`;
  home.file('1.yaml', grounding('1'));
  home.file('2.yaml', grounding('2'));
  await drive('grounding apply', ['-f', '1.yaml'], ['-f', '2.yaml']);
  expect(await drive('grounding ls')).toMatchObject([{ name: 'talk', version: '2' }]);
  expect(await drive('grounding mode', ['strict'], [])).toEqual({ groundings: 'strict' });
  await drive('grounding rm', ['talk'], ['--all']);

  await drive('doctor');
  await drive('version');
  await drive('config reset');

  expect([...driven, ...ELSEWHERE].sort()).toEqual(leaves(buildProgram(new Runner(processIo()))).sort());
});

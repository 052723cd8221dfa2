/**
 * Repeats the recorded runs of the Go CLI: the same requests, the same exit code, and the same facts (ids, statuses, counts,
 * times) in the same order. The wording differs; golden/ contains it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ManualClock } from '@orra-ts/common/testing';
import type { FakeHttpEngine, FakeHttpResponse } from '@orra-ts/fakes';
import { printedFacts, missingFact } from './printed-facts';
import { expectGolden } from './golden';
import { type StoredProject } from '../src/config/config';
import { CliHome, type ConfigContent, startGoEngine } from './harness';

interface RecordedRun {
  readonly name: string;
  readonly argv: readonly string[];
  readonly exchanges: readonly {
    readonly method: string;
    readonly path: string;
    readonly authorization?: string;
    readonly body?: unknown;
    readonly answer: FakeHttpResponse | 'drop';
  }[];
  readonly exitCode: number;
  readonly silent: boolean;
  readonly facts: readonly string[];
}

const runs = readFileSync(join(__dirname, 'fixtures', 'recorded-runs.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedRun);

/** Replaces the URL of the test server in the output. */
const RECORDED_SERVER = 'http://localhost:8005';
/** Time of the test: shortly after the last recorded event. */
const RECORDED_AT = Date.parse('2026-11-22T09:33:36Z');
const keyNumber = (n: number): string => `sk-orra-v1-${String(n).padStart(64, '0')}`;

const projectsAt = (server: string) => {
  const project = (id: string, key: number): StoredProject => ({
    id,
    cli_auth: keyNumber(key),
    api_key: {},
    server_addr: server,
    webhooks: [],
    compensation_failure_webhooks: [],
  });
  return {
    shop: {
      ...project('p_7vaeLumovf3DaDfcZcG9p8', 1),
      webhooks: ['http://localhost:8888/hook'],
      compensation_failure_webhooks: ['http://localhost:8888/comp'],
      api_key: { prod: keyNumber(3) },
    },
    garden: project('p_9RPN4rHDvxE4AqbiHvjfxm', 2),
    plain: project('p_plain', 4),
    blank: project('p_blank', 1),
  };
};
type Projects = ReturnType<typeof projectsAt>;

/** Config of a recorded run, if it is not the complete one with `shop` as the current project. */
const CONFIGS: Record<string, (projects: Projects) => ConfigContent> = {
  'api-keys-gen': ({ shop }) => ({ current_project: 'shop', projects: { shop: { ...shop, api_key: {} } } }),
  'projects-add': () => ({}),
  'projects-add-second': ({ shop }) => ({ current_project: 'shop', projects: { shop } }),
  'projects-ls': ({ garden, shop }) => ({ current_project: 'shop', projects: { garden, shop } }),
  'projects-ls-after-reset': () => ({}),
  'ps-empty': (projects) => ({ current_project: 'blank', projects }),
  'ps-no-project': (projects) => ({ projects }),
  'webhooks-ls-none': ({ shop }) => ({ current_project: 'shop', projects: { shop: { ...shop, webhooks: [] } } }),
};

/** Runs until it is stopped; tested in webhooks.int.spec.ts. */
const ELSEWHERE = ['verify-webhooks-start'];
/** An invalid duration: the Go CLI sends it to the engine, which rejects it. */
const REFUSED_EARLIER = ['verify-run-bad-timeout'];
/** Runs with a running task. The Go CLI shows `0ms` for it; this CLI shows the elapsed time. */
const RUNNING = ['inspect-processing', 'inspect-processing-detailed'];
/** Help and usage errors differ; docs/cli.md lists the commands. */
const USAGE = /help$|^unknown-command|no-arg$|no-flag$|no-reason$/;

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  home = new CliHome();
  engine.reset();
});
afterEach(() => home.remove());

async function runAgain({ name, argv, exchanges }: RecordedRun) {
  for (const { method, path, answer } of exchanges) engine.script(method, path, answer);
  const projects = projectsAt(name === 'server-down' ? 'http://127.0.0.1:9' : engine.url);
  const config = CONFIGS[name]?.(projects) ?? { current_project: 'shop', projects };
  home.config = config;
  home.file('down.json', JSON.stringify(config));
  const file = argv.at(-1) ?? '';
  const [grounding] = exchanges.map(({ body }) => body as { useCases?: unknown } | undefined);
  if (file.endsWith('.yaml') && grounding) {
    const { useCases, ...rest } = grounding;
    home.file(file, stringify({ ...rest, 'use-cases': useCases }));
  }
  const ours = argv.map((argument) => (argument === RECORDED_SERVER ? engine.url : argument));
  const { code, out, err } = await home.run(ours, { clock: new ManualClock(RECORDED_AT) });
  const recorded = (text: string): string =>
    text.replaceAll(engine.url, RECORDED_SERVER).replaceAll(home.home, '/home/user');
  return { code, out: recorded(out), err: recorded(err) };
}

describe.each(runs.filter(({ name }) => !ELSEWHERE.includes(name)).map((run) => [run.name, run] as const))(
  'recorded run %s',
  (name, run) => {
    it(`orra ${run.argv.join(' ')}: same requests, same exit code, same facts`, async () => {
      const { code, out, err } = await runAgain(run);

      expect(engine.received.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual(
        REFUSED_EARLIER.includes(name)
          ? []
          : run.exchanges.map(({ method, path, authorization }) => [method, path, authorization]),
      );
      expect(code).toBe(run.exitCode);
      expect(out === '').toBe(run.silent);
      if (run.exitCode !== 0) expect(err).toMatch(/^⨯ /);
      else expect(err.replace(/^--updates has.*\n/, '')).toBe('');
      const facts = RUNNING.includes(name) ? run.facts.map((fact) => (fact === '0ms' ? '5.4m' : fact)) : run.facts;
      expect({ missing: missingFact(facts, printedFacts(out)), out }).toEqual({ missing: undefined, out });
      if (!USAGE.test(name)) expectGolden(name, out + err.replace(/^/gm, '! ').replace(/! $/, ''));
    });
  },
);

interface SubmissionBody {
  readonly action: { readonly content?: string; readonly Content?: string };
  readonly data: readonly { readonly field: string; readonly value: unknown }[];
  readonly timeout: string;
  readonly healthCheckGracePeriod: string;
}

describe('bodies of requests', () => {
  async function bodiesOf<T>(name: string): Promise<{ readonly ours: T; readonly recorded: T }> {
    const run = runs.find((one) => one.name === name);
    if (!run) throw new Error(`${name} is not recorded`);
    await runAgain(run);
    return { ours: engine.received[0]?.body as T, recorded: run.exchanges[0]?.body as T };
  }

  it.each(['webhooks-add', 'comp-fail-webhooks-add', 'comp-fail-resolve', 'comp-fail-ignore', 'grounding-apply'])(
    '%s sends what was recorded',
    async (name) => {
      const { ours, recorded } = await bodiesOf(name);
      expect(ours).toEqual(recorded);
    },
  );

  it('projects add sends the name', async () => {
    const { ours, recorded } = await bodiesOf<{ name: string }>('projects-add');
    expect(ours.name).toBe(recorded.name);
  });

  it('verify run sends action, durations and data; a comma makes no list, and JSON stays JSON', async () => {
    const { ours, recorded } = await bodiesOf<SubmissionBody>('verify-run-json-data');
    expect(ours.action.content).toBe(recorded.action.Content);
    expect([ours.timeout, ours.healthCheckGracePeriod]).toEqual(['20s', '5m0s']);
    expect(ours.data).toEqual(
      recorded.data.map(({ field, value }) => ({
        field,
        value: field === 'tags' ? 'a,b,c' : field === 'two' ? { a: 1, b: 2 } : value,
      })),
    );
  });
});

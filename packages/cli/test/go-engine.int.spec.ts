/** Differences of the Go engine: no events, inspections that fail at first, missing routes. */
import type { FakeHttpEngine } from '@orra-ts/fakes';
import { CliHome, startGoEngine } from './harness';

const ID = 'o_U8PuumzirsxD3nHMenjMxR';
const INSPECTION = `/orchestrations/inspections/${ID}`;

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  home = new CliHome();
  engine.reset();
  home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'key', server_addr: engine.url } } };
});
afterEach(() => home.remove());

const inspection = (status: string, more: object = {}) => ({
  status: 200,
  body: { id: ID, status, action: 'Ship it', timestamp: '2026-11-22T09:28:10Z', duration: 1e9, ...more },
});
const task = (status: string, history: readonly string[]) => ({
  id: 'task1',
  serviceId: 's_a',
  serviceName: 'stock-holder',
  status,
  statusHistory: history.map((one, i) => ({ id: `e${i}`, status: one, timestamp: `2026-11-22T09:28:1${i}Z` })),
  duration: 1e9,
  isRevertible: false,
});

describe('verify run --follow', () => {
  const follow = () => home.run(['verify', 'run', 'Ship it', '--follow']);

  it('polls without events, and tolerates an inspection that fails at first', async () => {
    engine.script('POST', '/orchestrations', { status: 202, body: { id: ID, status: 'pending' } });
    engine.script(
      'GET',
      INSPECTION,
      {
        status: 500,
        body: { error: { kind: 'unanticipated error', message: `log not found for orchestration ${ID}` } },
      },
      'drop',
      inspection('processing', { tasks: [task('processing', ['processing'])] }),
      inspection('completed', { tasks: [task('completed', ['processing', 'completed'])], results: [{ ok: true }] }),
    );
    const { code, out, err } = await follow();
    expect([code, err]).toEqual([0, '']);
    expect(out.match(/stock-holder \(task1\) {2}. \w+/g)).toEqual([
      'stock-holder (task1)  ◎ Processing',
      'stock-holder (task1)  ● Completed',
    ]);
    expect(out).toContain('"ok": true');
  });

  it('exits with 3 for an action that is not actionable', async () => {
    const error = {
      kind: 'invalid request error',
      code: 'Orra:ActionNotActionable',
      message: 'preparation failed with status not_actionable: no service can do this',
    };
    engine.script('POST', '/orchestrations', { status: 400, body: { error } });
    const { code, err } = await follow();
    expect([code, err]).toEqual([3, expect.stringMatching(/no service can do this\n {2}list the registered services/)]);
    // Without --follow: the exit code of the Go CLI.
    expect((await home.run(['verify', 'run', 'Ship it'])).code).toBe(1);
  });
});

describe('inspect --watch', () => {
  it('reports a refused connection immediately, and retries after a dropped one', async () => {
    engine.script('GET', INSPECTION, 'drop', inspection('failed', { error: 'no webhook', results: [null] }));
    const { code, out } = await home.run(['inspect', '--watch', ID]);
    expect([code, out]).toEqual([2, expect.stringContaining('✕ Failed')]);
    home.config = { current_project: 'shop', projects: { shop: { cli_auth: 'k', server_addr: 'http://127.0.0.1:9' } } };
    expect((await home.run(['inspect', '--watch', ID])).code).toBe(1);
  });

  it('shows unknown statuses as words', async () => {
    engine.script('GET', INSPECTION, inspection('half_done'));
    expect((await home.run(['inspect', ID])).out).toContain('Status:    Half Done\n');
  });
});

describe('what it does not support', () => {
  it.each([
    ['services', 'ls'],
    ['plans', 'ls'],
    ['plan', 'Ship it'],
    ['cancel', ID],
    ['comp-fail', 'retry', 'c_1'],
    ['grounding', 'mode'],
    ['grounding', 'mode', 'strict'],
  ])('%s %s says so', async (...argv) => {
    const { code, out, err } = await home.run(argv);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^⨯ Error: the engine at http:\S+ does not support this\n {2}its version or kind differs/);
  });
});

describe('bodies of the Go engine', () => {
  it.each([
    ['comp-fail', '/compensation-failures'],
    ['grounding', '/groundings'],
  ])('%s ls reads null as an empty list', async (group, path) => {
    engine.script('GET', path, { status: 200, body: null });
    expect((await home.run([group, 'ls', '--output', 'json'])).out).toBe('[]\n');
  });

  it('a rejected key is reported with a hint', async () => {
    engine.script('GET', '/orchestrations', { status: 403 });
    const { code, err } = await home.run(['ps']);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(`the engine at ${engine.url} does not accept the API key of project shop`),
    ]);
  });
});

/** Every kind of record, and what our engine adds to summaries and inspections: the output is in golden/. */
import { ManualClock } from '@orra-ts/common/testing';
import type { FakeHttpEngine } from '@orra-ts/fakes';
import type {
  CompensationFailureKind,
  CompensationFailureView,
  OrchestrationInspection,
  TaskInspection,
} from '@orra-ts/protocol';
import { expectGolden } from './golden';
import { CliHome, startGoEngine, type Run } from './harness';

const AT = '2026-11-22T09:33:31Z';

const record = (
  status: CompensationFailureKind,
  changes: Partial<CompensationFailureView> = {},
): CompensationFailureView => ({
  id: `c_${status}`,
  projectId: 'p_shop',
  orchestrationId: 'o_1',
  taskId: 'task1',
  serviceId: 's_stock',
  serviceName: 'stock',
  compensationData: {
    data: { originalTask: { id: 'task1' }, taskResult: { holdId: 'h1' } },
    context: { orchestrationId: 'o_1', reason: 'failed', timestamp: AT },
    ttl: 86_400_000,
  },
  status,
  resolutionState: 'pending',
  attemptsMade: 1,
  maxAttempts: 10,
  timestamp: AT,
  resolvedAt: '0001-01-01T00:00:00Z',
  ...changes,
});

const RECORDS = [
  record('failed', {
    failure: 'it is shipped',
    attemptsMade: 10,
    failureDetails: { name: 'ParcelError', code: 'SHIPPED', details: { parcel: 'p1' }, causes: [{ message: 'gone' }] },
  }),
  record('expired', { failure: 'never asked: its service was disconnected', attemptsMade: 0 }),
  record('partial', { completed: ['hold 1', 'hold\n2'], remaining: ['hold 3'] }),
  record('in_doubt', { failure: 'no response until the limit of the attempt', attemptsMade: 0 }),
  record('duplicate', { output: { holdId: 'h1' }, otherOutput: { holdId: 'h2' }, attemptsMade: 0 }),
];

let engine: FakeHttpEngine;
let home: CliHome;
beforeAll(async () => {
  engine = await startGoEngine();
});
afterAll(() => engine.close());
beforeEach(() => {
  engine.reset();
  home = new CliHome();
  home.config = {
    current_project: 'shop',
    projects: {
      shop: {
        id: 'p_shop',
        cli_auth: `sk-orra-v1-${'1'.padStart(64, '0')}`,
        api_key: {},
        server_addr: engine.url,
        webhooks: [],
        compensation_failure_webhooks: [],
      },
    },
  };
});
afterEach(() => home.remove());

async function run(...argv: string[]): Promise<Run> {
  const result = await home.run(argv, { clock: new ManualClock(Date.parse(AT) + 5_000) });
  return { ...result, out: result.out.replaceAll(engine.url, 'http://localhost:8005') };
}

describe('comp-fail', () => {
  it('ls shows the kind of each record', async () => {
    engine.script('GET', '/compensation-failures', { status: 200, body: RECORDS });
    expectGolden('records-ls', (await run('comp-fail', 'ls')).out);
  });

  it('ls --kind asks the engine for one kind, and shows only that', async () => {
    engine.script('GET', '/compensation-failures?kind=in_doubt', { status: 200, body: RECORDS });
    const { out } = await run('comp-fail', 'ls', '--kind', 'in_doubt');
    expect(out).toContain('Filters:\n  Kind: in_doubt\n');
    expect(out).toContain('Failed Compensations (1)');
    expect(out).toContain('c_in_doubt');
    const { code, err } = await run('comp-fail', 'ls', '--kind', 'lost');
    expect([code, err]).toEqual([1, expect.stringContaining('failed, expired, partial, in_doubt, duplicate')]);
  });

  it.each(RECORDS.map((one) => [one.status, one] as const))('inspect shows what a record %s has', async (kind, one) => {
    engine.script('GET', `/compensation-failures/${one.id}`, { status: 200, body: one });
    expectGolden(`records-inspect-${kind}`, (await run('comp-fail', 'inspect', one.id)).out);
  });

  it('inspect shows a result that arrived after the decision', async () => {
    const body = record('in_doubt', {
      resolutionState: 'ignored',
      resolution: 'checked with the bank',
      resolvedAt: AT,
      lateOutput: { holdId: 'h9' },
    });
    engine.script('GET', `/compensation-failures/${body.id}`, { status: 200, body });
    expectGolden('records-inspect-late', (await run('comp-fail', 'inspect', body.id)).out);
  });

  it.each([
    [['task-meta'], 'partial', ''],
    [[], 'partial', 'does not announce `task-meta`'],
    [[], 'failed', ''],
  ] as const)('retry with capabilities %j of a record %s warns: "%s"', async (capabilities, kind, warning) => {
    const body = record(kind);
    engine.script('POST', `/compensation-failures/${body.id}/retry`, { status: 200, body });
    engine.script('GET', '/services', { status: 200, body: [{ id: 's_stock', name: 'stock', capabilities }] });
    const { code, err } = await run('comp-fail', 'retry', body.id);
    expect(code).toBe(0);
    expect(err.includes('does not announce')).toBe(warning !== '');
    expect(err).toContain(warning);
  });

  it('retry prints why the engine rejects it', async () => {
    const message = 'its orchestration has not ended: retry it afterwards';
    engine.script('POST', '/compensation-failures/c_1/retry', {
      status: 409,
      body: { error: { kind: 'invalid operation', message } },
    });
    const { code, err } = await run('comp-fail', 'retry', 'c_1');
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });
});

it('ps shows partial and doubtful tasks among those with a record', async () => {
  const item = (id: string, compensation: object) => ({
    id,
    action: 'Order',
    status: 'failed',
    timestamp: AT,
    compensation: { active: false, total: 2, completed: 0, failed: 1, ...compensation },
  });
  const failed = [
    item('o_1', { partial: 1, inDoubt: 0 }),
    item('o_2', { failed: 2, partial: 1, inDoubt: 1 }),
    item('o_3', { partial: 0, inDoubt: 0 }),
    item('o_4', { completed: 1, failed: 0, total: 1 }),
  ];
  engine.script('GET', '/orchestrations', { status: 200, body: { failed } });
  expectGolden('records-ps', (await run('ps')).out);
});

describe('inspect', () => {
  const task = (id: string, changes: Partial<TaskInspection>): TaskInspection => ({
    id,
    serviceId: `s_${id}`,
    serviceName: `${id}-service`,
    status: 'completed',
    statusHistory: [],
    input: {},
    duration: 1_000_000,
    isRevertible: true,
    ...changes,
  });
  const compensation = { attempt: 1, max_attempts: 10, timestamp: AT };
  const inspection = (changes: Partial<OrchestrationInspection>): object => ({
    id: 'o_1',
    status: 'failed',
    action: 'Order',
    timestamp: AT,
    duration: 5_000_000_000,
    tasks: [
      task('task1', {
        compensation: { ...compensation, status: 'partial', completed: ['hold 1'], remaining: ['hold 2', 'hold 3'] },
      }),
      task('task2', { status: 'failed', compensation: { ...compensation, status: 'failed', detail: 'in_doubt' } }),
      task('task3', {
        output: { holdId: 'h1' },
        lateOutput: { holdId: 'h2' },
        compensation: { ...compensation, status: 'failed', detail: 'duplicate' },
      }),
      task('task4', { effect: 'unknown', compensation: { ...compensation, status: 'pending', detail: 'held' } }),
    ],
    ...changes,
  });

  it('shows details of compensations, late outputs and what is waited for', async () => {
    const waitingFor = [
      { taskId: 'task2', what: 'outcome', until: '2026-11-22T09:34:31Z' },
      { taskId: 'task4', what: 'revert' },
    ];
    engine.script('GET', '/orchestrations/inspections/o_1', { status: 200, body: inspection({ waitingFor }) });
    expectGolden('records-inspect-waiting', (await run('inspect', 'o_1')).out);
    expectGolden('records-inspect-waiting-detailed', (await run('inspect', '-d', 'o_1')).out);
  });

  it('-d shows deliveries of a completed task that another process has', async () => {
    const openDeliveries = [{ executionId: 'e_1\u001b[2J', timestamp: AT }];
    const body = inspection({ status: 'completed', tasks: [task('task1', { openDeliveries })] });
    engine.script('GET', '/orchestrations/inspections/o_1', { status: 200, body });
    expectGolden('records-inspect-open-delivery', (await run('inspect', '-d', 'o_1')).out);
  });

  it('shows what a service reported of its error, with escaped control characters', async () => {
    const failureDetails = {
      name: 'CardError\u001b[2J',
      code: 'CARD_REFUSED',
      details: { limit: 317, note: 'a\u009bb\u202e' },
      causes: [{ message: 'connect\r\nECONNREFUSED', name: 'Error', code: '\u0007ECONN' }],
    };
    const error = 'card refused\u001b[31m';
    const history = [{ id: 'e1', orchestrationId: 'o_1', taskId: 'task1', status: 'failed', timestamp: AT } as const];
    const body = inspection({
      error: { id: 'task_fail_task1_a', producer: 's_card', error, ...failureDetails },
      tasks: [
        task('task1', {
          status: 'failed',
          error,
          failureDetails,
          statusHistory: history.map((entry) => ({ ...entry, error, failureDetails })),
          compensationHistory: [
            {
              id: 'e2',
              taskId: 'task1',
              status: 'failed',
              attempt: 1,
              maxAttempts: 1,
              timestamp: AT,
              error,
              failureDetails,
            },
          ],
        }),
      ],
    });
    engine.script('GET', '/orchestrations/inspections/o_1', { status: 200, body });
    expectGolden('records-inspect-error', (await run('inspect', 'o_1')).out);
    expectGolden('records-inspect-error-detailed', (await run('inspect', '-d', 'o_1')).out);
    for (const format of ['json', 'yaml']) {
      const { out } = await run('inspect', 'o_1', '-o', format);
      expect(out).toContain('ECONNREFUSED');
      expect(out).toContain('317');
    }
  });

  it('--watch ends when nothing is waited for any more', async () => {
    const clock = new ManualClock(Date.parse(AT));
    const done = { compensation: { ...compensation, status: 'completed' } } as const;
    const body = (waitingFor: OrchestrationInspection['waitingFor']): object => ({
      ...inspection({ waitingFor }),
      tasks: [task('task1', done)],
    });
    const path = '/orchestrations/inspections/o_1';
    engine.script('GET', path, { status: 200, body: body([{ taskId: 'task2', what: 'outcome' }]) });
    let first = true;
    const watching = home.run(['inspect', '--watch', 'o_1'], {
      clock,
      onOutput: (out) => {
        if (!first || !out.includes('Waiting For')) return;
        first = false;
        engine.script('GET', path, { status: 200, body: body(undefined) });
      },
    });
    const end = Symbol('end');
    const turn = (): Promise<void> => clock.advance(200);
    while ((await Promise.race([watching.then(() => end), turn()])) !== end);
    const { code, out } = await watching;
    expect(code).toBe(2);
    expect(out.split('Waiting For')).toHaveLength(2);
  });
});

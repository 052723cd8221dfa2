/** What the Go CLI shows of our engine: every kind of record, and the orchestrations that have them. */
import type { OrchestrationHandle } from '@orra-ts/client';
import { CompensationResult, NonRetryableError } from '@orra-ts/sdk';
import { compFailInspect, compFailLs, inspect, inspectDetailed, ps } from './go-cli/go-cli-view';
import { Shop, closeShops, type ShopOptions } from './outcomes/shop';
import { recordedRuns } from './replay/recorded-cli';
import type { Json } from './replay/recording';

afterEach(closeShops);

describe('as the Go CLI printed it', () => {
  const views: Readonly<Record<string, (body: Json) => string[][]>> = {
    ps,
    'ps -w': ps,
    inspect,
    'inspect -d': inspectDetailed,
    'comp-fail ls': compFailLs,
    'comp-fail ls --all': (body) => compFailLs(body, { all: true }),
    'comp-fail inspect': compFailInspect,
  };
  /** Ids, cells with an icon, counts and resolutions. */
  const FACT =
    /[oc]_[2-9A-HJ-NP-Za-km-z]{22}|[○◎●✕⊘⏸⊟⊖] [A-Za-z]+(?: Actionable| Partially)?(?: \(\d+\/\d+\))?|\d+ of \d+/g;
  const factsIn = (lines: readonly string[]): string[] =>
    lines
      .flatMap((line) => line.match(FACT) ?? [])
      // The recording has repetitions once.
      .filter((fact, index, all) => fact !== all[index - 1]);
  const recorded = recordedRuns.flatMap(({ name, argv, facts, exchanges: [exchange] }) => {
    const command = argv.filter((word) => !/^[oc]_/.test(word)).join(' ');
    const view = views[command];
    const answer = exchange?.answer;
    if (!view || answer === undefined || answer === 'drop' || answer.status !== 200) return [];
    return [[name, view, answer.body, facts] as const];
  });

  it('every view has recordings', () => {
    expect(recorded.length).toBeGreaterThan(20);
  });

  it.each(recorded)('%s', (name, view, body, facts) => {
    const shown = factsIn(view(body).map((cells) => cells.join('  ')));
    // The last line of a record is the command that inspects its orchestration.
    const printed = factsIn(facts).slice(0, name.startsWith('comp-fail-inspect') ? shown.length : undefined);
    expect(shown).toEqual(printed);
  });
});

describe('a response that the Go CLI cannot decode', () => {
  const at = '2026-11-22T09:33:31Z';
  const item = { id: 'o_1', action: 'Order', status: 'failed', timestamp: at };
  it.each<[string, object, string]>([
    ['a number for a string', { ...item, status: 5 }, '/failed/0/status: Go expects a string, got 5'],
    ['a time that is not RFC 3339', { ...item, timestamp: 'now' }, 'Go expects a time in RFC 3339'],
    [
      'a string for a count',
      { ...item, compensation: { failed: '1' } },
      '/failed/0/compensation/failed: Go expects an int',
    ],
    [
      'two names that Go does not distinguish',
      { ...item, Error: 'a', error: 'b' },
      'does not distinguish Error and error',
    ],
    ['an empty status', { ...item, status: '' }, 'the Go CLI crashes'],
  ])('%s', (_, broken, message) => {
    expect(() => ps({ failed: [broken] })).toThrow(message);
  });

  it('unknown members and groups are ignored; null and absent members have the zero value', () => {
    expect(ps({ failed: [{ ...item, more: 1, compensation: null }], completed: null, cancelled: 5 })).toEqual([
      ['o_1', '✕ Failed', '─'],
    ]);
  });
});

const LIMIT_MS = 30_000;
const DOUBT_MS = 60_000;
const GRACE_MS = 2_000;
const HOUR_MS = 3_600_000;

interface Shown {
  /** Status and compensation in `orra ps`; undefined if the Go CLI does not list the orchestration. */
  readonly ps: readonly string[] | undefined;
  /** Status and compensation of each task in `orra inspect`. */
  readonly tasks: readonly string[][];
  /** Service, kind and resolution in `orra comp-fail ls --all`. */
  readonly records: readonly string[][];
  /** Attempts and error in `orra comp-fail inspect`. */
  readonly record: readonly string[] | undefined;
}

async function shown(shop: Shop, order: OrchestrationHandle): Promise<Shown> {
  const ask = async (path: string): Promise<Json> => {
    const response = await fetch(shop.url + path, { headers: { authorization: `Bearer ${shop.apiKey}` } });
    return response.json();
  };
  const [, ...tasks] = inspectDetailed(await ask(`/orchestrations/inspections/${order.id}`)).filter(
    (cells, index) => index === 0 || cells.length === 5,
  );
  const records = await ask('/compensation-failures');
  const [first] = (records ?? []) as { id: string }[];
  const [, attempts, error] = first ? compFailInspect(await ask(`/compensation-failures/${first.id}`)) : [];
  return {
    ps: ps(await ask('/orchestrations'))
      .find(([id]) => id === order.id)
      ?.slice(1),
    tasks: tasks.map(([, service = '', status = '', compensation = '']) => [service, status, compensation]),
    records: compFailLs(records, { all: true }).map((cells) => cells.slice(2)),
    record: attempts && [...attempts, ...(error ?? [])],
  };
}

/** `stock` and `pay` have succeeded, and `mail` has failed: `pay` is reverted as the result states, then `stock`. */
async function reverted(
  end: (revert: Awaited<ReturnType<Shop['reverts']['next']>>) => void,
): Promise<{ shop: Shop; order: OrchestrationHandle }> {
  const shop = await Shop.open({ revertsAtOnce: false, timings: { compensationMaxAttempts: 1 } });
  const order = await shop.submit('stock', 'pay', 'mail');
  (await shop.runs.next()).succeed('paid');
  (await shop.runs.next()).fail(new NonRetryableError('no address'));
  const revert = await shop.reverts.next();
  expect((await shown(shop, order)).ps).toEqual(['✕ Failed', '◎ Active (0/2)']);
  end(revert);
  await order.settled({ timeout: '20s' });
  return { shop, order };
}

/** `stock` has succeeded and `pay` runs. */
async function paying(options: ShopOptions = {}) {
  const shop = await Shop.open(options);
  const order = await shop.submit('stock', 'pay');
  return { shop, order, run: await shop.runs.next() };
}

describe('as the Go CLI shows it', () => {
  it('every task is reverted', async () => {
    const { shop, order } = await reverted((revert) => revert.complete());
    expect(await shown(shop, order)).toEqual({
      ps: ['✕ Failed', '● Completed (2/2)'],
      tasks: [
        ['stock', '● Completed', '● Completed'],
        ['pay', '● Completed', '● Completed'],
        ['mail', '✕ Failed', '─'],
      ],
      records: [],
      record: undefined,
    });
  });

  it('a record `failed`', async () => {
    const { shop, order } = await reverted((revert) => revert.fail(new Error('the bank is closed')));
    expect(await shown(shop, order)).toMatchObject({
      ps: ['✕ Failed', '✕ Failed (1/2)'],
      tasks: [
        ['stock', '● Completed', '● Completed'],
        ['pay', '● Completed', '✕ Failed (1/1)'],
        ['mail', '✕ Failed', '─'],
      ],
      records: [['pay', '✕ failed', '○ pending']],
      record: ['1 of 1', expect.stringContaining('the bank is closed')],
    });
    const [{ id } = { id: '' }] = await shop.records();
    await shop.orra.compensationFailures.resolve(id, 'refunded by hand');
    expect((await shown(shop, order)).records).toEqual([['pay', '✕ failed', '● resolved']]);
    await shop.orra.compensationFailures.ignore(id, 'a test');
    expect((await shown(shop, order)).records).toEqual([['pay', '✕ failed', '⊖ ignored']]);
  });

  it('a record `partial`', async () => {
    const partial = CompensationResult.partial({ completed: ['fee'], remaining: ['amount'] });
    const { shop, order } = await reverted((revert) => revert.complete(partial));
    expect(await shown(shop, order)).toMatchObject({
      ps: ['✕ Failed', '✕ Failed (1/2)'],
      tasks: [
        ['stock', '● Completed', '● Completed'],
        ['pay', '● Completed', '● Completed Partially'],
        ['mail', '✕ Failed', '─'],
      ],
      records: [['pay', '◎ partial', '○ pending']],
      record: ['1 of 1', 'the service reverted only a part; what remains: amount'],
    });
  });

  it('a record `expired`', async () => {
    const { shop, order, run } = await paying({ replicas: [['stock'], ['pay']], revertibleFor: HOUR_MS });
    await shop.replicas[0]?.cut();
    await shop.clock.advance(GRACE_MS);
    run.abort('SOLD_OUT');
    await order.result({ timeout: '20s' });
    await shop.clock.advance(HOUR_MS);
    await shop.record();
    expect(await shown(shop, order)).toMatchObject({
      ps: ['⊟ Aborted', '✕ Failed (1/1)'],
      tasks: [
        ['stock', '● Completed', '✕ Expired'],
        ['pay', '⊟ Aborted', '─'],
      ],
      records: [['stock', '✕ expired', '○ pending']],
      record: ['0 of 10', expect.stringContaining('never asked')],
    });
  });

  it('a record `in_doubt`, of a cancelled orchestration, which `ps` does not list', async () => {
    const { shop, order } = await paying();
    await order.cancel();
    await shop.clock.advance(LIMIT_MS);
    await shop.reverted(order, 'stock');
    await shop.clock.advance(DOUBT_MS);
    await order.settled({ timeout: '20s' });
    expect(await shown(shop, order)).toMatchObject({
      ps: undefined,
      tasks: [
        ['stock', '● Completed', '● Completed'],
        ['pay', '  Cancelled', '✕ Failed (0/10)'],
      ],
      records: [['pay', '  in_doubt', '○ pending']],
      record: ['0 of 10', expect.stringContaining('did not respond')],
    });
  });

  it('a record `in_doubt`, of a failed orchestration', async () => {
    const { shop, order, run } = await paying({ timings: { taskMaxAttempts: 1 } });
    await shop.clock.advance(LIMIT_MS);
    await run.signalled();
    await shop.reverted(order, 'stock');
    expect((await shown(shop, order)).ps).toEqual(['✕ Failed', '◎ Active (1/2)']);
    await shop.clock.advance(DOUBT_MS);
    await order.settled({ timeout: '20s' });
    expect((await shown(shop, order)).ps).toEqual(['✕ Failed', '✕ Failed (1/2)']);
  });

  it('a record `duplicate`, of a completed orchestration', async () => {
    const names = ['stock', 'pay'] as const;
    const { shop, order, run } = await paying({ replicas: [names, names] });
    await run.replica.cut();
    await shop.clock.advance(GRACE_MS);
    (await shop.runs.next()).succeed('paid');
    await order.result({ timeout: '20s' });
    await run.replica.deliver(() => run.succeed('paid twice'));
    expect(await shown(shop, order)).toMatchObject({
      ps: ['● Completed', '✕ Failed (1/2)'],
      tasks: [
        ['stock', '● Completed', '─'],
        ['pay', '● Completed', '✕ Failed (0/10)'],
      ],
      records: [['pay', '  duplicate', '○ pending']],
      record: ['0 of 10', expect.stringContaining('another output')],
    });
  });

  it('a plan whose second revertible task never ran', async () => {
    const shop = await Shop.open();
    const order = await shop.submit('stock', 'mail', 'pay');
    (await shop.runs.next()).fail(new NonRetryableError('no address'));
    await order.settled({ timeout: '20s' });
    expect(await shown(shop, order)).toMatchObject({
      ps: ['✕ Failed', '● Completed (1/1)'],
      tasks: [
        ['stock', '● Completed', '● Completed'],
        ['mail', '✕ Failed', '─'],
        ['pay', '  Cancelled', '─'],
      ],
      records: [],
    });
  });

  it('nothing to undo', async () => {
    const shop = await Shop.open();
    const order = await shop.submit('pay');
    (await shop.runs.next()).abort('SOLD_OUT');
    await order.settled({ timeout: '20s' });
    expect(await shown(shop, order)).toMatchObject({
      ps: ['⊟ Aborted', '─'],
      tasks: [['pay', '⊟ Aborted', '─']],
      records: [],
    });
  });
});

/** Commands with a real engine and services: submitting, waiting, and exit codes. */
import { type Engine, createEngine } from '@orra-ts/engine';
import { type FakeOutcome, FakeService } from '@orra-ts/fakes';
import { silentLogger } from '@orra-ts/common';
import type { TaskRequest } from '@orra-ts/protocol';
import { CliHome, type Run, type RunOptions } from './harness';

const TEXTS = (...names: string[]) => ({
  type: 'object' as const,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
});

/** The id of an order determines its outcome. */
async function charge(request: TaskRequest, service: FakeService): Promise<FakeOutcome> {
  const { holdId } = request.input as { holdId: string };
  service.update(request, { progress: 25, message: 'contacting the bank' });
  service.update(request, { progress: 50, message: 'bank answered' });
  const last = service.update(request, { percentComplete: 80, message: 'writing' });
  await service.until(() => service.acknowledged.has(last));
  if (holdId.includes('abort') || holdId.includes('stuck'))
    return { abort: { reason: 'card is blocked', retryable: false } };
  if (holdId.includes('fail')) return { error: 'card declined' };
  if (holdId.includes('hold')) return undefined;
  return { output: { receipt: `r-${holdId}` } };
}

let engine: Engine;
let home: CliHome;
let stock: FakeService;
let bank: FakeService;
let url: string;

beforeAll(async () => {
  engine = await createEngine({
    port: 0,
    storage: ':memory:',
    logger: silentLogger,
    timings: { taskMaxAttempts: 2, taskRetryBaseMs: 10, compensationMaxAttempts: 2, compensationRetryBaseMs: 10 },
    plans: [
      {
        name: 'ship-order',
        action: 'Ship an order',
        input: TEXTS('orderId'),
        plan: {
          tasks: [
            { id: 'task1', service: 'stock-holder', input: { orderId: '$task0.orderId' } },
            { id: 'task2', service: 'card-charger', input: { holdId: '$task1.holdId' } },
          ],
        },
      },
      {
        name: 'hold-order',
        action: 'Hold stock for order {orderId}',
        input: TEXTS('orderId'),
        plan: { tasks: [{ id: 'task1', service: 'stock-holder', input: { orderId: '$task0.orderId' } }] },
      },
    ],
  });
  ({ url } = engine);
  home = new CliHome();
  const { code, err } = await home.run(['projects', 'add', 'shop', '--server', url]);
  expect([code, err]).toEqual([0, '']);
  const apiKey = home.config.projects?.['shop']?.cli_auth ?? '';
  stock = await FakeService.start({
    url,
    apiKey,
    name: 'stock-holder',
    description: 'Holds stock for an order',
    revertible: true,
    schema: { input: TEXTS('orderId'), output: TEXTS('holdId') },
    onTask: ({ input }) => {
      const output = { holdId: `hold:${(input as { orderId: string }).orderId}` };
      return { output: { holdId: output.holdId.replace('hold:', 'h-') }, compensation: { data: output } };
    },
    onRevert: (request) =>
      JSON.stringify(request).includes('stuck') ? { error: 'warehouse offline' } : { revert: { status: 'completed' } },
  });
  bank = await FakeService.start({
    url,
    apiKey,
    name: 'card-charger',
    description: 'Charges the card',
    schema: { input: TEXTS('holdId'), output: TEXTS('receipt') },
    onTask: charge,
  });
});

afterAll(async () => {
  await stock.close();
  await bank.close();
  await engine.close();
  home.remove();
});

const ship = (orderId: string, ...flags: string[]): Promise<Run> =>
  home.run(['verify', 'run', 'Ship an order', '-d', `orderId:${orderId}`, ...flags]);
const idIn = (text: string): string => /o_[2-9A-HJ-NP-Za-km-z]{22}/.exec(text)?.[0] ?? '';

describe('verify run --follow', () => {
  it('prints the events in order, then the result, and exits with 0', async () => {
    const { code, out, err } = await ship('a-1', '--follow');
    expect([code, err]).toEqual([0, '']);
    const steps = out
      .split('\n')
      .map((line) => /^\d\d:\d\d:\d\d {2}(.*)$/.exec(line)?.[1])
      .filter((line) => line !== undefined);
    expect(steps).toEqual([
      'stock-holder (task1)  ◎ Processing',
      'stock-holder (task1)  ● Completed',
      'card-charger (task2)  ◎ Processing',
      'card-charger (task2)  [=====>              ] 25%  contacting the bank',
      'card-charger (task2)  [==========>         ] 50%  bank answered',
      'card-charger (task2)  [================>   ] 80%  writing',
      'card-charger (task2)  ● Completed',
    ]);
    expect(out).toContain('│ Status: ● Completed');
    expect(out).toContain('"receipt": "r-h-a-1"');
  });

  it('waits until completed tasks are compensated, and exits with 2 after an abort', async () => {
    const { code, out } = await ship('abort-1', '--follow');
    expect(code).toBe(2);
    expect(out).toMatch(/card-charger \(task2\) {2}⊟ Aborted[^]*stock-holder \(task1\) {2}compensation ● Completed/);
    expect(out).toMatch(/│ Status: ⊟ Aborted\n│ Task: {3}card-charger \(task2\)[^]*"reason": "card is blocked"/);
  });

  it('prints every attempt, and exits with 2 after a failure', async () => {
    const { code, out } = await ship('fail-1', '--follow');
    expect(code).toBe(2);
    expect(out.match(/✕ Failed - .*card declined/g)?.length).toBe(2);
    expect(out).toContain('│ Status: ✕ Failed');
  });

  it('exits with 4 when --max-wait passes first, with a hint', async () => {
    const { code, out, err } = await ship('hold-1', '--follow', '--max-wait', '300ms');
    expect([code, idIn(out)]).toEqual([4, expect.stringMatching(/^o_/)]);
    expect(err).toMatch(/^⨯ Error: it did not end within 0.3 s\n {2}it continues to run/);
  });

  it('exits with 130 on Ctrl-C, and says that the orchestration continues', async () => {
    let interrupted = false;
    const onOutput: RunOptions['onOutput'] = (out, interrupt) => {
      // Once: later output contains the same string, and a second Ctrl-C would end the process.
      if (interrupted || !out.includes('80%')) return;
      interrupted = true;
      interrupt();
    };
    const argv = ['verify', 'run', 'Ship an order', '-d', 'orderId:hold-2', '--follow'];
    const { code, out, err } = await home.run(argv, { onOutput });
    expect([code, err]).toEqual([
      130,
      `orchestration ${idIn(out)} continues to run: orra inspect --watch ${idIn(out)}\n`,
    ]);
  });

  it('prints one JSON document per line, the result last', async () => {
    const { code, out } = await ship('abort-2', '--follow', '-o', 'json');
    const documents = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; status?: string });
    expect(code).toBe(2);
    expect(documents[0]).toMatchObject({ type: 'submitted', action: 'Ship an order' });
    expect(new Set(documents.slice(1, -1).map(({ type }) => type))).toEqual(
      new Set(['status', 'update', 'compensation']),
    );
    expect(documents.at(-1)).toMatchObject({
      type: 'result',
      status: 'aborted',
      task: 'task2',
      service: 'card-charger',
      payload: { reason: 'card is blocked', retryable: false },
    });
  });
});

describe('an action that cannot be planned', () => {
  it('is an error with a hint and exit code 1 without --follow', async () => {
    const { code, out, err } = await home.run(['verify', 'run', 'Label the moon']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^⨯ Error: /);
  });

  it('is listed by ps, with its error by ps -w', async () => {
    const { out } = await home.run(['ps', '-w']);
    expect(out).toMatch(/Label the moon/);
  });
});

describe('inspect', () => {
  it('-d --updates shows the history of each task', async () => {
    const id = idIn((await ship('abort-3', '--follow')).out);
    const { code, out } = await home.run(['inspect', '-d', '--updates', id]);
    expect(code).toBe(0);
    expect(out).toContain('┌─ Orchestration Details [ABORTED]');
    expect(out).toMatch(
      /stock-holder \(task1\)\n[^]*Compensating ─+\n│ [\d:]+ {2}◎ Processing \(1\/2\)\n│ [\d:]+ {2}● Completed\n/,
    );
    expect(out).toContain('Progress: [================>   ] 80%');
    expect(out).toMatch(/First Update\n[^]*contacting the bank[^]*Latest Update\n[^]*writing/);
    expect(out).toMatch(/Abort Payload:\n│ {3}\{\n│ {5}"reason": "card is blocked"/);
    const long = await home.run(['inspect', '-d', '--long-updates', id]);
    expect(long.out.match(/Update \d\/\d/g)).toEqual(['Update 1/3', 'Update 2/3', 'Update 3/3']);
  });

  it('shows the constants that the plan took from the action', async () => {
    const { out } = await home.run(['verify', 'run', 'Hold stock for order a-77']);
    expect((await home.run(['inspect', idIn(out)])).out).toMatch(/│ From Action: +orderId = a-77\n/);
    expect((await home.run(['inspect', idIn((await ship('a-78')).out)])).out).not.toContain('From Action');
  });

  it('--watch prints every change and ends with the orchestration; the exit code reports its result', async () => {
    const id = idIn((await ship('abort-4')).out);
    const { code, out } = await home.run(['inspect', '--watch', id, '-o', 'json']);
    const shown = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; status: string });
    expect([code, shown.at(-1)?.status]).toEqual([2, 'aborted']);
    expect(new Set(shown.map((one) => one.id))).toEqual(new Set([id]));
  });

  it('--watch clears a terminal before each change, but not a pipe', async () => {
    const id = idIn((await ship('a-2', '--follow')).out);
    const clear = '\u001b[H\u001b[2J';
    expect((await home.run(['inspect', '--watch', id], { columns: 100 })).out.startsWith(clear)).toBe(true);
    expect((await home.run(['inspect', '--watch', id])).out).not.toContain('\u001b');
  });

  it('--watch --max-wait exits with 4', async () => {
    const id = idIn((await ship('hold-3')).out);
    expect((await home.run(['inspect', '--watch', id, '--max-wait', '200ms'])).code).toBe(4);
  });

  it('of an unknown id says how to list ids', async () => {
    const { code, err } = await home.run(['inspect', '--watch', 'o_nope']);
    expect([code, err]).toEqual([1, expect.stringContaining('`orra ps` lists the orchestrations')]);
  });
});

describe('ps --watch', () => {
  it('prints the list again after every change, until Ctrl-C', async () => {
    let submitted: Promise<Run> | undefined;
    const onOutput: RunOptions['onOutput'] = (out, interrupt) => {
      submitted ??= ship('watched-1');
      if (/h-watched|Ship an order[^]*\n\n[^]*Project: shop/.test(out)) interrupt();
    };
    const { code, err } = await home.run(['ps', '--watch'], { onOutput });
    expect([code, err]).toEqual([0, '']);
    expect((await submitted)?.code).toBe(0);
  });
});

describe('services and plans', () => {
  it('services ls shows services and whether they are connected', async () => {
    const { code, out } = await home.run(['services', 'ls']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${stock.id} +stock-holder +service +● Connected +yes +1`));
    const json = JSON.parse((await home.run(['services', 'ls', '-o', 'json'])).out) as { name: string }[];
    expect(json.map(({ name }) => name).sort()).toEqual(['card-charger', 'stock-holder']);
  });

  it('plans ls shows plans, with -o wide their services', async () => {
    const { code, out } = await home.run(['plans', 'ls', '-o', 'wide']);
    expect(code).toBe(0);
    expect(out).toMatch(/ship-order +Ship an order +2 +1 +just now +stock-holder, card-charger/);
  });
});

describe('cancel', () => {
  it('ends an orchestration with a reason, and its completed tasks are compensated', async () => {
    const id = idIn((await ship('hold-4')).out);
    const charging = await bank.until(() =>
      bank.requests.find((request) => JSON.stringify(request).includes('h-hold-4')),
    );
    const { code, out, err } = await home.run(['cancel', id, '--reason', 'ordered twice']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('⊗ Cancelled');
    expect((await home.run(['inspect', id])).out).toContain('task1: the revert of the task');
    // The hold is not reverted while the charge, which uses it, may still run (E13).
    await bank.deliver(charging, { error: 'stopped' });
    const again = await home.run(['cancel', id, '-o', 'json']);
    expect([again.code, again.err]).toEqual([0, 'it has already ended as cancelled; nothing was cancelled\n']);
    expect(JSON.parse(again.out)).toMatchObject({ id, status: 'cancelled' });
    const watched = await home.run(['inspect', '-d', '--watch', id]);
    expect(watched.code).toBe(2);
    expect(watched.out).toContain('ordered twice');
    expect(watched.out).toMatch(/Compensating[^]*● Completed/);
  });

  it('of an unknown id is an error', async () => {
    expect((await home.run(['cancel', 'o_nope'])).code).toBe(1);
  });
});

describe('comp-fail', () => {
  const failures = async (...flags: string[]) =>
    JSON.parse((await home.run(['comp-fail', 'ls', '--output', 'json', ...flags])).out) as {
      id: string;
      orchestrationId: string;
      resolutionState: string;
    }[];

  it('lists failed compensations, records resolutions, and retries', async () => {
    const first = idIn((await ship('stuck-1', '--follow')).out);
    const second = idIn((await ship('stuck-2', '--follow')).out);
    const [newest, oldest] = await failures();
    expect([newest?.orchestrationId, oldest?.orchestrationId]).toEqual([second, first]);
    const { id = '' } = newest ?? {};

    const shown = await home.run(['comp-fail', 'inspect', id]);
    expect(shown.out).toContain('┌─ Compensation Failure [PENDING]');
    expect(shown.out).toContain('Attempts:      2 of 2');
    expect(shown.out).toContain('warehouse offline');

    const resolved = await home.run(['comp-fail', 'resolve', id, '-r', 'released by hand']);
    expect([resolved.code, resolved.out]).toEqual([0, expect.stringMatching(/● resolved[^]*released by hand/)]);
    const ignored = await home.run(['comp-fail', 'ignore', id, '-r', 'a test']);
    expect(ignored.out).toMatch(/⊖ ignored[^]*a test/);
    expect(await failures()).toHaveLength(1);
    expect(await failures('--all', '-s', 'STOCK', '-o', second)).toMatchObject([{ id, resolutionState: 'ignored' }]);
    expect(await failures('-r', 'resolved')).toEqual([]);
    expect(await failures('--all', '-l', '1')).toHaveLength(1);

    const attempts = stock.requests.filter(({ type }) => type === 'compensation_request').length;
    const again = await home.run(['comp-fail', 'retry', oldest?.id ?? '']);
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('○ pending')]);
    await stock.until(() => stock.requests.filter(({ type }) => type === 'compensation_request').length > attempts);
  });

  it('rejects an invalid limit', async () => {
    expect((await home.run(['comp-fail', 'ls', '-l', '0'])).err).toContain('not a whole number of at least 1');
  });
});

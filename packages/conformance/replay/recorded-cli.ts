/**
 * Repeats the recorded session of the Go CLI with our engine. It brings the same projects, services and orders into the
 * states that the recorded requests need, and then sends each request.
 *
 * Defined plans replace the model of the recording. The clock moves only when a step waits for a timer, so that a task
 * between two attempts keeps its state while requests inspect it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { silentLogger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { createEngine, type Engine } from '@orra-ts/engine';
import { FakeService, type FakeOutcome } from '@orra-ts/fakes';
import type { CompensationRequest, TaskRequest } from '@orra-ts/protocol';
import type { Json } from './recording';

export interface RecordedExchange {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string;
  readonly body?: Json;
  /** `drop` if the engine closed the connection without a response. */
  readonly answer: 'drop' | { readonly status: number; readonly contentType?: string; readonly body?: Json };
}

export interface RecordedRun {
  readonly name: string;
  readonly argv: readonly string[];
  /** Ids, statuses and counts that the Go CLI printed, in their order. */
  readonly facts: readonly string[];
  readonly exchanges: readonly RecordedExchange[];
}

export interface Answered {
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
  readonly body: Json;
}

const FILE = path.join(__dirname, '..', '..', 'cli', 'test', 'fixtures', 'recorded-runs.jsonl');

/** Runs that sent a request to an engine; none sent more than one. */
export const recordedRuns: readonly RecordedRun[] = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedRun)
  .filter(({ exchanges }) => exchanges.length > 0);

const KEY_OR_ID = /sk-orra-v1-\d{64}|\b[opc]_[2-9A-HJ-NP-Za-km-z]{22}(?![0-9A-Za-z])/g;
const recordedKey = (n: number): string => `sk-orra-v1-${String(n).padStart(64, '0')}`;

/** The orders of the recording by their recorded ids. The prefix of the `orderId` decides the outcome. */
const ORDERS: Readonly<Record<string, readonly [action: string, orderId: string]>> = {
  o_f5EY5yEzyKS53PMe7MMmy6: ['stock-holder then card-charger for the order (1)', 'bad-1'],
  o_RyYQWTE8sryibmBPkNXvzf: ['stock-holder then card-charger for the order (2)', 'bad-2'],
  o_6pHxPYYjeWN7UZ3BxsAp8g: ['stock-holder then card-charger for the order (3)', 'bad-3'],
  o_U8PuumzirsxD3nHMenjMxR: ['stock-holder then card-charger for the order (4)', 'ok-2'],
  o_BW9FHuiFQUmYM44y7s2tNt: ['stock-holder then card-charger for the order (5)', 'abort-3'],
  o_RbiLSSqx2kpWUPwNtKuCGC: ['stock-holder then card-charger for the order (6)', 'part-4'],
  o_SSDhepkDaNSgd4sUmTMEBo: ['stock-holder then card-charger for the order (7)', 'no-5'],
  o_UJZCPV42WztJLJ8ZddfZyF: ['stock-holder then card-charger, good one', 'ok-6'],
  o_Zmtxf4xS2CUNZTS4RkuMmY: ['slow-painter paints the order', 'p-6'],
  o_98Z83MzheoXyQyFA8aKKSu: ['night-clerk notes the order', 'p-7'],
  o_9u7nhR5o35njER7uEYaUFW: ['SLOW2500 slow-painter pends', 'p-9'],
};
const NOT_ACTIONABLE = 'o_MKSPGnfUUYrtczqzsYCcyG';
const GIVEN_UP = {
  c_LYKLefjWMVi4vA3bBmAiDR: 'o_6pHxPYYjeWN7UZ3BxsAp8g',
  c_Kn4uDrYqbWe7snp7gyHEdV: 'o_RyYQWTE8sryibmBPkNXvzf',
};

const DAY_MS = 24 * 60 * 60_000;
/** Longest back-off between two attempts. */
const BETWEEN_ATTEMPTS_MS = 60_000;
/** Limit in real time for each wait, so that a hanging session fails. Only sockets take real time. */
const LIMIT_MS = 20_000;

export class RecordedCliSession {
  readonly answers = new Map<string, Answered>();
  private readonly ours = new Map<string, string>();
  private readonly services: FakeService[] = [];
  private readonly clock = new ManualClock();
  private engine: Engine | undefined;

  /** Sends every recorded request and stores the responses in `answers`. */
  async hold(): Promise<void> {
    this.engine = await createEngine({
      port: 0,
      storage: ':memory:',
      logger: silentLogger,
      clock: this.clock,
      // Only back-off timers may fire, because the clock moves while messages are in flight.
      timings: {
        ...{ taskTimeoutMs: DAY_MS, compensationTimeoutMs: DAY_MS, healthGraceMs: DAY_MS },
        ...{ pingIntervalMs: DAY_MS, pongWaitMs: 2 * DAY_MS, retryJitter: 0 },
      },
    });
    await this.registerProjects();
    await this.submitWithoutServices();
    await this.startServices();
    await this.submitOrders();
    await this.lookWhileRunning();
    await this.lookWhileCompensating();
    await this.lookAtFailures();
    await this.applyGroundings();
    // At the end, because our engine needs no webhook, and no messages should go to this address.
    await this.replay('webhooks-add', 'comp-fail-webhooks-add');
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.close();
    await this.engine?.close();
  }

  // ---- the session

  private async registerProjects(): Promise<void> {
    await this.replay('projects-add', 'projects-add-second');
    const plain = await this.send({ method: 'POST', path: '/register/project', body: { name: 'plain' } });
    this.ours.set(recordedKey(4), plain.body.apiKey);
    for (const [name, n] of [
      ['projects-add', 1],
      ['projects-add-second', 2],
    ] as const) {
      this.ours.set(recordedKey(n), this.answers.get(name)?.body.apiKey);
    }
    await this.replay('ps-empty', 'comp-fail-ls-empty', 'grounding-ls-empty', 'api-keys-gen');
  }

  /** The Go engine first reports a missing webhook, then missing services; ours reports only services. Both have the same shape. */
  private submitWithoutServices(): Promise<void> {
    return this.replay('verify-run-no-webhook', 'ps-first-failures', 'verify-run-no-services');
  }

  private async startServices(): Promise<void> {
    const text = (name: string) => ({ type: 'object' as const, properties: { [name]: { type: 'string' as const } } });
    const at = { url: this.engine?.url ?? '', apiKey: this.ours.get(recordedKey(1)) ?? '' };
    const services = [
      new FakeService({
        ...at,
        name: 'stock-holder',
        description: 'Holds stock for an order',
        schema: { input: text('orderId'), output: text('holdId') },
        revertible: true,
        onTask: hold,
        onRevert: release,
      }),
      new FakeService({
        ...at,
        name: 'card-charger',
        description: 'Charges the card',
        schema: { input: text('holdId'), output: text('receipt') },
        onTask: charge,
      }),
      new FakeService({
        ...at,
        name: 'slow-painter',
        schema: { input: text('orderId'), output: text('picture') },
        onTask: () => undefined,
      }),
      new FakeService({ ...at, name: 'night-clerk', schema: { input: text('orderId'), output: text('note') } }),
    ];
    for (const service of services) {
      await service.register();
      // The service disconnects, so that its task waits for it.
      if (service.options.name === 'night-clerk') continue;
      await service.connect();
      this.services.push(service);
    }
    for (const [index, [action]] of Object.values(ORDERS).entries()) {
      const [first = ''] = /stock-holder|slow-painter|night-clerk/.exec(action) ?? [];
      const charged = { id: 'task2', service: 'card-charger', input: { holdId: '$task1.holdId' } };
      const tasks = [{ id: 'task1', service: first, input: { orderId: '$task0.orderId' } }];
      const name = `order-${index}`;
      await this.change('PUT', `/plans/${name}`, {
        name,
        action,
        input: text('orderId'),
        plan: { tasks: action.includes('card-charger') ? [...tasks, charged] : tasks },
      });
    }
  }

  private async submitOrders(): Promise<void> {
    await this.replay('verify-run', 'verify-run-json-data', 'verify-run-quiet');
    for (const [name, id] of [
      ['verify-run', 'o_f5EY5yEzyKS53PMe7MMmy6'],
      ['verify-run-json-data', 'o_U8PuumzirsxD3nHMenjMxR'],
      ['verify-run-quiet', 'o_SSDhepkDaNSgd4sUmTMEBo'],
    ] as const) {
      this.ours.set(id, this.answers.get(name)?.body.id);
    }
    for (const id of ['o_RyYQWTE8sryibmBPkNXvzf', 'o_6pHxPYYjeWN7UZ3BxsAp8g', 'o_BW9FHuiFQUmYM44y7s2tNt']) {
      await this.submit(id);
    }
    for (const id of ['o_RbiLSSqx2kpWUPwNtKuCGC', 'o_Zmtxf4xS2CUNZTS4RkuMmY', 'o_98Z83MzheoXyQyFA8aKKSu']) {
      await this.submit(id);
    }
    await this.replay('verify-run-not-actionable', 'verify-run-bad-timeout');
    const { body } = await this.ask('/orchestrations');
    this.ours.set(NOT_ACTIONABLE, body.notActionable[0].id);
  }

  private async lookWhileRunning(): Promise<void> {
    await this.until('one attempt of the charge has failed', async () => {
      const { tasks, status } = await this.inspect('o_SSDhepkDaNSgd4sUmTMEBo');
      return status === 'processing' && tasks[1].status === 'failed';
    });
    for (const id of ['o_BW9FHuiFQUmYM44y7s2tNt', 'o_RbiLSSqx2kpWUPwNtKuCGC']) {
      await this.until('the aborted orders are compensated', async () => {
        const { tasks } = await this.inspect(id);
        return ['completed', 'partial'].includes(tasks[0].compensation?.status as string);
      });
    }
    for (const id of Object.keys(ORDERS).slice(0, 3)) {
      await this.until('the first compensation attempts have failed', async () => {
        const { tasks } = await this.inspect(id);
        return tasks[0].compensation?.attempt === 1;
      });
    }
    await this.until('the order without errors is completed', async () => {
      return (await this.inspect('o_U8PuumzirsxD3nHMenjMxR')).status === 'completed';
    });
    await this.until('the task of the disconnected clerk is paused', async () => {
      return (await this.inspect('o_98Z83MzheoXyQyFA8aKKSu')).tasks[0].status === 'paused';
    });
    await this.replay('ps-running', 'ps-pending', 'inspect-running', 'inspect-running-detailed');
    await this.replay('inspect-processing', 'inspect-processing-detailed', 'inspect-paused', 'inspect-paused-detailed');
    await this.replay('inspect-completed', 'inspect-completed-detailed', 'inspect-updates-without-detail');
    await this.replay('inspect-completed-updates', 'inspect-completed-long-updates');
    await this.replay('inspect-aborted', 'inspect-aborted-detailed');
    await this.replay('inspect-aborted-updates', 'inspect-aborted-long-updates');
    await this.replay('inspect-partially-compensated', 'inspect-partially-compensated-detailed');
    await this.replay('inspect-not-actionable', 'inspect-not-actionable-detailed', 'inspect-unknown');
    await this.submit('o_9u7nhR5o35njER7uEYaUFW', { timeout: '10m' });
    await this.replay('inspect-pending');
  }

  private async lookWhileCompensating(): Promise<void> {
    await this.letPass(
      'the charge has failed five times',
      async () => {
        const { status, tasks } = await this.inspect('o_SSDhepkDaNSgd4sUmTMEBo');
        return status === 'failed' && tasks[0].compensation?.status === 'completed';
      },
      // Longer than the back-off of a charge, shorter than the one before the sixth compensation attempt.
      20_000,
    );
    await this.replay('ps', 'ps-wide', 'inspect-compensating', 'inspect-compensating-detailed');
    await this.replay('inspect-failed', 'inspect-failed-detailed');
    await this.replay('inspect-failed-updates', 'inspect-failed-long-updates');
    await this.submit('o_UJZCPV42WztJLJ8ZddfZyF');
  }

  private async lookAtFailures(): Promise<void> {
    for (const id of Object.keys(ORDERS).slice(0, 3)) {
      await this.letPass('the compensation attempts are used up', async () => {
        return (await this.inspect(id)).tasks[0].compensation.status === 'failed';
      });
    }
    await this.replay('inspect-comp-failed', 'inspect-comp-failed-detailed');
    await this.letPass(
      'five attempts of the painter have timed out',
      async () => (await this.inspect('o_9u7nhR5o35njER7uEYaUFW')).status === 'failed',
      15 * 60_000,
    );
    await this.replay('ps-after-comp-failure');
    const failures = (await this.ask('/compensation-failures')).body as { id: string; orchestrationId: string }[];
    for (const [recorded, orchestration] of Object.entries(GIVEN_UP)) {
      const failure = failures.find(({ orchestrationId }) => orchestrationId === this.ours.get(orchestration));
      this.ours.set(recorded, failure?.id ?? '');
    }
    await this.replay('comp-fail-ls', 'comp-fail-inspect', 'comp-fail-inspect-unknown');
    await this.replay('comp-fail-resolve', 'comp-fail-inspect-resolved');
    await this.replay('comp-fail-ignore', 'comp-fail-inspect-ignored');
    await this.replay('comp-fail-ls-default-after', 'comp-fail-ls-all', 'comp-fail-ls-filters');
  }

  private async applyGroundings(): Promise<void> {
    await this.replay('grounding-apply-no-validator');
    await this.replay('grounding-apply-invalid', 'grounding-apply', 'grounding-apply-same-version');
    await this.replay('grounding-apply-new-version', 'grounding-ls', 'grounding-rm', 'grounding-rm-unknown');
    await this.replay('grounding-rm-all');
  }

  // ---- requests

  private async replay(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const exchange = recordedRuns.find((run) => run.name === name)?.exchanges[0];
      if (!exchange) throw new Error(`${name} is not recorded`);
      this.answers.set(name, await this.send(exchange));
    }
  }

  /** Sends the recorded request, with keys and ids of our engine. */
  private async send({
    method,
    path: target,
    authorization,
    body,
  }: Omit<RecordedExchange, 'answer'>): Promise<Answered> {
    const own = (text: string): string => text.replace(KEY_OR_ID, (token) => this.ours.get(token) ?? token);
    const response = await fetch(`${this.engine?.url}${own(target)}`, {
      method,
      headers: {
        'user-agent': 'Go-http-client/1.1',
        ...(authorization === undefined ? {} : { authorization: own(authorization) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: own(JSON.stringify(body)) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      text,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  private ask(target: string): Promise<Answered> {
    return this.send({ method: 'GET', path: target, authorization: `Bearer ${recordedKey(1)}` });
  }

  private async change(method: 'POST' | 'PUT', target: string, body: Json): Promise<Answered> {
    const answered = await this.send({
      method,
      path: target,
      authorization: `Bearer ${recordedKey(1)}`,
      body,
    });
    if (answered.status >= 300) throw new Error(`${method} ${target}: ${answered.status} ${answered.text}`);
    return answered;
  }

  private async submit(recordedId: string, more: object = {}): Promise<void> {
    const [Content, value] = ORDERS[recordedId] ?? [];
    const data = [{ field: 'orderId', value }];
    const { body } = await this.change('POST', '/orchestrations', { action: { Content }, data, ...more });
    this.ours.set(recordedId, body.id);
  }

  private async inspect(recordedId: string): Promise<Json> {
    return (await this.ask(`/orchestrations/inspections/${recordedId}`)).body;
  }

  // ---- time

  /** Waits for messages in flight; the clock does not move. */
  private until(what: string, isThere: () => Promise<boolean>): Promise<void> {
    return this.letPass(what, isThere, 0);
  }

  /** Moves the clock to the next timer as long as it is at most `furthestMs` away. */
  private async letPass(
    what: string,
    isThere: () => Promise<boolean>,
    furthestMs = BETWEEN_ATTEMPTS_MS,
  ): Promise<void> {
    const endMs = performance.now() + LIMIT_MS;
    while (!(await isThere())) {
      if (performance.now() > endMs) throw new Error(`timed out waiting until ${what}`);
      const { nextTimerMs = Infinity } = this.clock;
      if (nextTimerMs <= furthestMs) await this.clock.advance(nextTimerMs);
    }
  }
}

// ---- services

function hold({ id, input }: TaskRequest): FakeOutcome {
  const output = { holdId: `hold-${(input as { orderId: string }).orderId}` };
  const data = { originalTask: { id, input }, taskResult: output };
  return { output, compensation: { data, ttl: 3_600_000 } };
}

function release(request: CompensationRequest): FakeOutcome {
  const about = JSON.stringify(request);
  if (about.includes('bad-')) return { error: 'warehouse offline' };
  if (!about.includes('part-')) return { revert: { status: 'completed' } };
  return { revert: { status: 'partial', partial: { completed: ['half'], remaining: ['the other half'] } } };
}

function charge(request: TaskRequest, service: FakeService): FakeOutcome {
  const { holdId } = request.input as { holdId: string };
  service.update(request, { progress: 25, status: 'processing', message: 'contacting the bank' });
  service.update(request, { progress: 50, status: 'processing', message: 'bank answered' });
  service.update(request, { progress: 80, message: 'writing the receipt' });
  if (holdId.includes('ok-')) return { output: { receipt: `r-${holdId}` } };
  if (holdId.includes('no-')) return { error: 'card declined' };
  return { abort: { reason: 'card is blocked', retryable: false } };
}

/**
 * Plays the clients' side of a recording against our engine, over real HTTP and sockets, and compares the engine's
 * responses and messages with the recording: status, shape, order, and equality of ids. A manual clock moves by the
 * recorded times, so that the engine's timers fire without real waits.
 */
import { EventEmitter, once } from 'node:events';
import type { Logger } from '@orra-ts/common';
import { ManualClock } from '@orra-ts/common/testing';
import { createEngine, type Engine } from '@orra-ts/engine';
import { FakeModel, FakeServiceSocket, type ModelScript } from '@orra-ts/fakes';
import { Bindings } from './bindings';
import { amend, loadRecording, type Amendment, type Json, type Step } from './recording';

/** Recorded delays of the Go engine include polling and ±10 % of jitter. Ours have neither in this test. */
const EARLIEST = 0.75;
const LATEST = 1.25;
/** A recorded gap above this is a timer of the engine; a shorter one is processing time. */
const WAIT_MS = 1_500;
/** Members that only our engine sends: sources of plans and data, groundings and their coverage; details of compensations. */
const EXTRAS = [
  ...['planSource', 'taskZero', 'coverage', 'groundingHit', 'planning', 'nearestServices'],
  ...['waitingFor', 'detail', 'completed', 'remaining', 'lateOutput', 'effect', 'openDeliveries', 'failureDetails'],
];
const READ_AGAIN_MS = 2_000;

export interface ReplayOptions {
  /** Replaces the recorded model. */
  readonly model?: ModelScript;
  readonly amendments?: readonly Amendment[];
}

export class EngineReplay {
  readonly problems: string[] = [];
  private readonly bindings = new Bindings();
  private readonly sockets = new Map<number, FakeServiceSocket>();
  private readonly clock = new ManualClock();
  private readonly log = new EngineLog();
  private readonly steps: readonly Step[];
  private engine!: Engine;
  private readonly schemas = new Map<string, Json>();
  private apiKey = '';
  /** True if submissions need no explicit plan: plans are defined, or a model plans. */
  private hasDefinedPlans = false;
  private at = 0;

  private constructor(name: string, { amendments = [] }: ReplayOptions) {
    this.steps = amend(loadRecording(name), amendments);
  }

  /** Plays the whole recording and returns the differences. */
  static async play(name: string, options: ReplayOptions = {}): Promise<string[]> {
    const replay = new EngineReplay(name, options);
    const model = options.model && (await FakeModel.start({ script: options.model }));
    replay.hasDefinedPlans = model !== undefined;
    replay.engine = await createEngine({
      port: 0,
      storage: ':memory:',
      clock: replay.clock,
      logger: replay.log,
      timings: { retryJitter: 0 },
      ...(model ? { model: { model: 'recorded', baseUrl: model.baseUrl } } : {}),
    });
    try {
      for (const [index, step] of replay.steps.entries()) {
        await replay.step(step, `step ${index + 1}`);
        // Later differences are consequences of the first one.
        if (replay.problems.length > 0) break;
      }
      for (const [conn, socket] of replay.sockets) if (socket.isOpen) await replay.expectSilence(conn, 'the end');
    } finally {
      for (const socket of replay.sockets.values()) socket.close(1006);
      await replay.engine.close();
      await model?.close();
    }
    return replay.problems;
  }

  private async step(step: Step, where: string): Promise<void> {
    const gapMs = Math.max(0, step.t - this.at);
    this.at = step.t;
    const { conn = 0 } = step;
    if (step.engine !== undefined) return this.expectMessage(step.engine, conn, gapMs, where);
    if (step.ping === 'engine') {
      await this.wait(gapMs, () => this.socket(conn).protocolPings > 0, where);
      return this.socket(conn).pinged();
    }
    await this.pass(gapMs);
    if (step.http !== undefined) await this.request(step, where);
    else if (step.connect !== undefined) {
      const path = this.bindings.substitute(step.connect);
      this.sockets.set(conn, await this.open(path));
    } else if (step.sdk !== undefined) this.socket(conn).send(this.bindings.substitute(step.sdk));
    else if (step.ping === 'sdk') await this.socket(conn).ping();
    else if (step.close !== undefined) {
      await this.expectSilence(conn, where);
      const noticed = once(this.log, 'a service connection has closed');
      this.socket(conn).close(step.close);
      await noticed;
    }
  }

  private async request({ http = '', body, answer }: Step, where: string): Promise<void> {
    const [method = '', path = ''] = http.split(' ');
    const deadline = Date.now() + READ_AGAIN_MS;
    for (;;) {
      const response = await fetch(this.engine.url + this.bindings.substitute(path), {
        method,
        headers: { authorization: `Bearer ${this.apiKey}` },
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(this.bindings.substitute(this.sendable(path, body, answer))) }),
      });
      const text = await response.text();
      const actual = { status: response.status, type: response.headers.get('content-type'), body: parse(text) };
      const found = this.bindings.compare(this.expectable(answer), actual, EXTRAS);
      if (path === '/register/project') this.apiKey = actual.body.apiKey;
      if (path.startsWith('/plans/')) this.hasDefinedPlans = true;
      if (path.startsWith('/register/') && body.schema) this.schemas.set(answer?.body.id, body.schema);
      if (found.length === 0) return;
      // The engine may not have processed a closed socket or a fired timer yet, so repeat a read.
      if (method === 'GET' && Date.now() < deadline) continue;
      this.problems.push(...found.map((problem) => `${where}, ${http}: ${problem}`));
      return;
    }
  }

  /**
   * Adds the plan of the recorded model to a submission, since our engine has no model here, unless plans were defined
   * before.
   */
  private sendable(path: string, body: Json, answer: Step['answer']): Json {
    if (path !== '/orchestrations' || this.hasDefinedPlans) return body;
    const { tasks, parallel_groups } = answer!.body.plan;
    const plan = { tasks: tasks.map(({ id, service, input }: Json) => ({ id, service, input })), parallel_groups };
    return { ...body, plan };
  }

  private async expectMessage(message: Json, conn: number, gapMs: number, where: string): Promise<void> {
    const socket = this.socket(conn);
    await this.wait(gapMs, () => socket.unread.some(({ type }) => type !== 'ACK'), where);
    if (message.type === 'ACK') return socket.acknowledged(this.bindings.substitute(message).id as string);
    // ACKs are checked separately, because their order has no meaning.
    const actual = await socket.take(({ type }) => type !== 'ACK', `${message.type} ${message.id ?? ''}`);
    this.problems.push(
      ...this.bindings.compare(message, actual).map((problem) => `${where}, ${message.type}: ${problem}`),
    );
  }

  /** Moves the clock by about the recorded delay, and reports a message that comes too early. */
  private async wait(gapMs: number, hasCome: () => boolean, where: string): Promise<void> {
    if (gapMs < WAIT_MS) return this.pass(gapMs);
    await this.pass(gapMs * EARLIEST, hasCome);
    if (hasCome()) this.problems.push(`${where}: came after less than ${EARLIEST} of the recorded wait of ${gapMs} ms`);
    await this.pass(gapMs * (LATEST - EARLIEST), hasCome);
  }

  /** Moves the clock timer by timer, so that clients can respond to the effects of each. */
  private async pass(ms: number, isEnough: () => boolean = () => false): Promise<void> {
    let leftMs = Math.round(ms);
    while (leftMs > 0) {
      if ((this.clock.nextTimerMs ?? Infinity) <= leftMs) await this.settle();
      if (isEnough()) return;
      const nextMs = Math.min(leftMs, this.clock.nextTimerMs ?? Infinity);
      await this.clock.advance(nextMs);
      leftMs -= nextMs;
      if (nextMs > 0 || leftMs === 0) await this.settle();
    }
  }

  private async settle(): Promise<void> {
    for (const conn of this.sockets.keys()) if (this.socket(conn).isOpen) await this.settleSocket(conn);
  }

  /** Does not use pongs, because they would prove to the engine that the service is alive. */
  private settleSocket(conn: number): Promise<void> {
    const socket = this.socket(conn);
    const serviceId = new URL(socket.webSocket.url).searchParams.get('serviceId');
    return socket.settle({ type: 'task_status', serviceId, status: 'in_progress' });
  }

  private open(path: string): Promise<FakeServiceSocket> {
    const url = `${this.engine.url.replace(/^http/, 'ws')}${path}`;
    return FakeServiceSocket.open(url, { perMessageDeflate: false });
  }

  private async expectSilence(conn: number, where: string): Promise<void> {
    const socket = this.socket(conn);
    await this.settleSocket(conn);
    this.problems.push(...socket.unread.map((message) => `${where}: not in the recording: ${JSON.stringify(message)}`));
  }

  /**
   * Applies the differences that all recordings have. Our engine always sends application/json; the Go engine's library
   * guesses the type. The response to a submission may show that it already runs; the Go engine has a race there. Plans
   * show the complete schema of a service; the Go engine drops titles and descriptions. An inspection shows the values of
   * references as soon as they are known; the Go engine shows the references.
   */
  private expectable(recorded: Step['answer']): Step['answer'] {
    if (!recorded) return recorded;
    const { status, body } = recorded;
    if (status === 204) return { status, type: null, body: '' };
    const answer = { ...recorded, type: 'application/json' };
    if (status === 202) {
      const tasks = body.plan.tasks.map((task: Json) => {
        const { input, output } = this.schemas.get(task.service);
        return { ...task, expected_input: input, expected_output: output };
      });
      return { ...answer, body: { ...body, status: 'processing', plan: { ...body.plan, tasks } } };
    }
    if (!body?.tasks) return answer;
    const show = (value: Json): Json => {
      const [, taskId, member = ''] = /^\$(task\d+)\.(\w+)$/.exec(String(value)) ?? [];
      return body.tasks.find(({ id }: Json) => id === taskId)?.output?.[member] ?? value;
    };
    const tasks = body.tasks.map((task: Json) => {
      const input = Object.entries(task.input).map(([name, value]) => [name, show(value)]);
      return { ...task, input: Object.fromEntries(input) };
    });
    return { ...answer, body: { ...body, tasks } };
  }

  private socket(conn: number): FakeServiceSocket {
    const socket = this.sockets.get(conn);
    if (!socket) throw new Error(`connection ${conn} was not opened`);
    return socket;
  }
}

const parse = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Emits the engine's log lines as events, so that a test learns when the engine has noticed a closed connection. */
class EngineLog extends EventEmitter implements Logger {
  isEnabled = (): boolean => true;
  debug = (message: string): void => void this.emit(message);
  info = this.debug;
  warn = this.debug;
  error = (message: string): void => void this.emit(`error: ${message}`);
  child = (): Logger => this;
}

import { SeededRandom } from '@orra-ts/common/testing';
/** One world from its beginning to its rest: the system, its faults, and the judge. */
import { AskRules } from './judge/ask-rules';
import { coverageOf, type Row, type SentRequest } from './judge/coverage';
import { HeldRequests } from './judge/deliveries';
import { EventRules } from './judge/event-rules';
import { FinalRules } from './judge/final-rules';
import { Observations } from './judge/observations';
import { OrderRules } from './judge/order-rules';
import { missingOf } from './judge/rest';
import type { RuleName, Violation } from './judge/rules';
import { RunRules } from './judge/run-rules';
import { ServiceRules } from './judge/service-rules';
import { TimeoutRules } from './judge/timeout-rules';
import type { Envelope, WireMessage } from './judge/wire-message';
import { WireRules } from './judge/wire-rules';
import { ProcessScope } from './kernel/process-scope';
import { Scheduler } from './kernel/scheduler';
import { Trace } from './kernel/trace';
import { replicasOf, type WorldSpec } from './spec/world-spec';
import { Bank } from './system/bank';
import type { Connection } from './system/connection';
import { EngineProcess } from './system/engine-process';
import { injectFault } from './system/inject-fault';
import { Network } from './system/network';
import { Operator } from './system/operator';
import { ServiceProcess } from './system/service-process';
import { Shop } from './system/shop-service';
import { Submitter } from './system/submitter';

export interface WorldResult {
  readonly violations: readonly Violation[];
  readonly hash: string;
  /** Empty unless the trace was recorded. */
  readonly trace: readonly string[];
  readonly steps: number;
  readonly charges: number;
  /** The rows of the table of outcomes that occurred. */
  readonly rows: ReadonlySet<Row>;
}

/** A world that is not at rest by then violates `rest`. */
const LIMIT_MS = 100 * 60 * 60_000;
const LIMIT_STEPS = 1_000_000;
/** A world at rest stays so for this long: late messages and the waits after an end, which take minutes, are over. */
const QUIET_MS = 10 * 60_000;
const STEPS_BETWEEN_CHECKS = 100;
/** How often the engine appends one group of events. */
const MAX_APPEND_ATTEMPTS = 5;

export class World {
  private readonly scheduler = new Scheduler();
  private readonly trace: Trace;
  private readonly violations: Violation[] = [];
  private readonly observations: Observations;
  private readonly bank: Bank;
  private readonly engine: EngineProcess;
  private readonly network: Network;
  private readonly replicas = new Map<string, ServiceProcess>();
  private readonly submitters: Submitter[];
  private readonly operator: Operator;
  private readonly serviceRules: ServiceRules;
  /** All requests for tasks, for coverage. */
  private readonly requests: SentRequest[] = [];
  private faultsLeft: number;

  constructor(
    private readonly spec: WorldSpec,
    options: { readonly record?: boolean } = {},
  ) {
    const { scheduler } = this;
    const random = new SeededRandom(`run ${spec.seed}`);
    const trace = (this.trace = new Trace(scheduler, options.record ?? false));
    this.bank = new Bank(scheduler, trace);
    this.observations = new Observations(scheduler, spec.orders);
    const report = (rule: RuleName, text: string): void => this.report(rule, text);
    const { observations } = this;
    const held = new HeldRequests();
    const engineStart = (): { readonly atMs: number } => this.engine.startedAt;
    const eventRules = new EventRules(spec, scheduler, observations, engineStart, report);
    const wireRules = new WireRules(spec, scheduler, observations, held, report);
    const orderRules = new OrderRules(spec, scheduler, observations, engineStart, report);
    const timeoutRules = new TimeoutRules(spec, scheduler, observations, engineStart, report);
    const askRules = new AskRules(spec, observations, held, report);
    const serviceRules = (this.serviceRules = new ServiceRules(scheduler, (name) => this.replicas.get(name), report));
    const requestedAt = new Map<string, number>();
    this.engine = new EngineProcess({
      scheduler,
      random: random.fork('engine'),
      trace,
      onAppend: (appends) => observations.handedOverNow(appends),
      onCommitted: (appends) => {
        const events = observations.committed(appends);
        for (const { event } of events) trace.add('journal', 'commits', JSON.stringify(event));
        eventRules.committed(events);
        askRules.committed(events);
        timeoutRules.committed(events);
      },
      onGaveUp: (refusals) => {
        if (refusals < MAX_APPEND_ATTEMPTS) report('appends', `the engine gave up after ${refusals} refused appends`);
      },
    });
    this.network = new Network(scheduler, trace, this.engine, {
      sent: (connection, direction, text) => {
        const { replica } = connection.link;
        if (direction === 'to-engine') {
          trace.add(replica, 'sends to the engine', text);
          const envelope = JSON.parse(text) as Envelope;
          wireRules.fromService(connection, envelope);
          serviceRules.sent(connection, envelope, text);
          return;
        }
        trace.add('engine', `sends to ${replica}`, text);
        const message = JSON.parse(text) as WireMessage;
        wireRules.fromEngine(connection, message);
        if (message.type === 'task_request') {
          held.sent(connection, message);
          const { executionId = '', inDoubt = false } = message;
          this.requests.push({ replica, executionId, inDoubt });
          requestedAt.set(`${replica} ${message.idempotencyKey ?? ''}`, scheduler.nowMs);
        }
        if (message.type === 'task_request' || message.type === 'compensation_request') timeoutRules.sent(message);
        if (message.type === 'task_cancel') askRules.sent(connection, message);
        if (message.type === 'compensation_request') orderRules.revertSent(message);
      },
      arrived: (connection, direction, text) => {
        if (direction === 'to-service') return serviceRules.arrived(connection, JSON.parse(text) as WireMessage);
        const { id, payload } = JSON.parse(text) as Envelope;
        if (id === 'forged') return;
        held.arrived(connection, payload);
        askRules.arrived(connection, payload);
        timeoutRules.arrived(payload);
      },
      accepted: (connection) => {
        askRules.accepted(connection);
        timeoutRules.accepted(connection);
      },
      ended: (connection) => timeoutRules.ended(connection),
    });
    const connectionOf = (replica: string): Connection | undefined =>
      [...this.network.open].findLast(({ link, isOpen }) => link.replica === replica && isOpen);
    const runRules = new RunRules(
      spec,
      scheduler,
      observations,
      connectionOf,
      (replica, key) => requestedAt.get(`${replica} ${key}`) ?? 0,
      (replica, key) => serviceRules.hasDecided(replica, key),
      report,
    );
    const shop = new Shop({
      bank: this.bank,
      random: random.fork('shop'),
      started: (run) => {
        trace.add(run.scope.name, `starts ${run.kind}`, `${run.order}/${run.task}`);
        runRules.started(run);
      },
      ended: (run) => {
        trace.add(run.scope.name, `ends ${run.kind}`, `${run.order}/${run.task}`);
        runRules.ended(run);
      },
      notUndone: (order, task, how) => this.observations.addNotUndone(order, task, how),
    });
    for (const service of spec.services) {
      for (const name of replicasOf(service)) {
        const define = (scope: ProcessScope) => shop.define(service, scope);
        const own = random.fork(name);
        const { network } = this;
        this.replicas.set(name, new ServiceProcess({ name, scheduler, random: own, trace, network, define }));
      }
    }
    const outside = new ProcessScope('submitter', scheduler, { offsetMs: 0 });
    this.submitters = spec.orders.map((order) => new Submitter(order, outside, this.engine, trace));
    this.operator = new Operator({
      spec: spec.operator,
      scope: outside,
      random: random.fork('operator'),
      engine: this.engine,
      trace,
      nameOf: ({ orchestrationId, taskId }) =>
        `${observations.orchestrations.get(orchestrationId)?.order.name ?? '?'}/${taskId}`,
      canReturn: (service) =>
        [...this.replicas.values()].some(({ name, isGone }) => name.startsWith(service) && !isGone),
    });
    this.faultsLeft = spec.faults.length;
    for (const fault of spec.faults) {
      scheduler.schedule(fault.atMs, () => {
        this.faultsLeft--;
        observations.activeAtMs = scheduler.nowMs;
        const { engine, network, replicas } = this;
        injectFault({ scheduler, trace, engine, network, replicas }, fault);
      });
    }
  }

  async run(): Promise<WorldResult> {
    const { scheduler, trace, engine } = this;
    scheduler.schedule(0, () => void engine.start());
    for (const replica of this.replicas.values()) scheduler.schedule(1, () => replica.start());
    await this.untilRest();
    await this.judge();
    const hash = trace.digest();
    engine.close();
    for (const replica of this.replicas.values()) replica.scope.kill();
    const { violations, bank, spec, observations, operator } = this;
    const { requests } = this;
    const rows = coverageOf({
      spec,
      observations,
      requests,
      refusedRetries: operator.refused,
      restartsMs: engine.startsMs,
    });
    return { violations, hash, trace: trace.lines, steps: scheduler.steps, charges: bank.charges.length, rows };
  }

  private async untilRest(): Promise<void> {
    const { scheduler } = this;
    let nextCheck = 0;
    while ((await scheduler.step(LIMIT_MS)) && scheduler.steps <= LIMIT_STEPS) {
      if (scheduler.steps < nextCheck) continue;
      nextCheck = scheduler.steps + STEPS_BETWEEN_CHECKS;
      if (this.isQuiet() && this.waitsFor() === undefined) return this.checkEngineAtRest();
    }
    const missing = this.waitsFor() ?? (this.isQuiet() ? undefined : 'silence');
    if (missing === undefined) return this.checkEngineAtRest();
    this.report('rest', `the world waits for ${missing}`);
  }

  /** The waits of an engine begin anew with its start. */
  private isQuiet(): boolean {
    const sinceMs = Math.max(this.observations.activeAtMs, this.engine.startedAt.atMs);
    return this.scheduler.nowMs - sinceMs >= QUIET_MS;
  }

  private async checkEngineAtRest(): Promise<void> {
    for (const id of await this.engine.open()) {
      const { order } = this.observations.orchestrations.get(id) ?? {};
      this.report('rest', `the engine still waits for ${order?.name ?? id}`);
    }
  }

  /** What keeps the world from rest; undefined at rest. */
  private waitsFor(): string | undefined {
    const { engine, observations, spec, operator } = this;
    if (this.faultsLeft > 0) return 'faults';
    if (!engine.core) return 'the engine';
    for (const { name, app, isGone } of this.replicas.values()) {
      if (!isGone && !app) return name;
      if (app && app.health().outbox.pending > 0) return `the outbox of ${name}`;
    }
    const [run] = observations.activeRuns();
    if (run) return `the ${run.kind} of ${run.order}/${run.task}`;
    for (const submitter of this.submitters) if (!submitter.done) return 'a submitter';
    if (operator.pending > 0) return 'the operator';
    const isDecided = (name: string): boolean =>
      operator.actions.get(name)?.some((action) => action !== 'retry') === true;
    for (const orchestration of observations.orchestrations.values()) {
      const missing = missingOf(orchestration, spec, isDecided);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  private async judge(): Promise<void> {
    const { core, project } = this.engine.core ? this.engine.running() : {};
    const records = core && project ? await core.compensationFailures.list(project) : [];
    const report = (rule: RuleName, text: string): void => this.report(rule, text);
    new FinalRules(this.spec, this.observations, this.bank, records, this.operator, report).check();
    this.serviceRules.checkAtRest();
  }

  private report(rule: RuleName, text: string): void {
    this.trace.add('judge', `VIOLATION ${rule}:`, text);
    this.violations.push({ rule, text, atMs: this.scheduler.nowMs });
  }
}

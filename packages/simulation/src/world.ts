/** One world from its beginning to its rest: the system, its faults, and the judge. */
import type { EngineCore } from '@orra-ts/engine/internal';
import { EventRules } from './judge/event-rules';
import { FinalRules } from './judge/final-rules';
import { Observations } from './judge/observations';
import type { RuleName, Violation } from './judge/rules';
import { RunRules } from './judge/run-rules';
import { WireRules } from './judge/wire-rules';
import { ProcessScope } from './kernel/process-scope';
import { Random } from './kernel/random';
import { Scheduler } from './kernel/scheduler';
import { Trace } from './kernel/trace';
import { replicasOf, type WorldSpec } from './spec/world-spec';
import { Bank } from './system/bank';
import type { Connection } from './system/connection';
import { EngineProcess } from './system/engine-process';
import { injectFault } from './system/inject-fault';
import { Network } from './system/network';
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
}

/** A world that is not at rest by then violates `rest`. */
const LIMIT_MS = 30 * 60 * 60_000;
const LIMIT_STEPS = 400_000;
/** A world at rest stays so for this long: late messages and the waits after an end are over. */
const QUIET_MS = 10 * 60_000;
const STEPS_BETWEEN_CHECKS = 100;

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
  private faultsLeft: number;

  constructor(
    private readonly spec: WorldSpec,
    options: { readonly record?: boolean } = {},
  ) {
    const { scheduler } = this;
    const random = new Random(`run ${spec.seed}`);
    const trace = (this.trace = new Trace(scheduler, options.record ?? false));
    this.bank = new Bank(scheduler, trace);
    this.observations = new Observations(scheduler, spec.orders);
    const report = (rule: RuleName, text: string): void => this.report(rule, text);
    const eventRules = new EventRules(scheduler, this.observations, () => this.engine.startedAt, report);
    const wireRules = new WireRules(spec, scheduler, this.observations, report);
    this.engine = new EngineProcess({
      scheduler,
      random: random.fork('engine'),
      trace,
      onCommitted: (appends) => {
        const events = this.observations.committed(appends);
        for (const { event } of events) trace.add('journal', 'commits', JSON.stringify(event));
        eventRules.committed(events);
      },
    });
    this.network = new Network(scheduler, trace, this.engine, (connection, direction, text) => {
      const arrow = direction === 'to-engine' ? 'to the engine' : `to ${connection.link.replica}`;
      trace.add(direction === 'to-engine' ? connection.link.replica : 'engine', `sends ${arrow}`, text);
      wireRules.sent(connection, direction, text);
    });
    const connectionOf = (replica: string): Connection | undefined =>
      [...this.network.open].findLast(({ link, isOpen }) => link.replica === replica && isOpen);
    const runRules = new RunRules(scheduler, this.observations, connectionOf, report);
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
    this.faultsLeft = spec.faults.length;
    for (const fault of spec.faults) {
      scheduler.schedule(fault.atMs, () => {
        this.faultsLeft--;
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
    const { violations, bank } = this;
    return { violations, hash, trace: trace.lines, steps: scheduler.steps, charges: bank.charges.length };
  }

  private async untilRest(): Promise<void> {
    const { scheduler } = this;
    let restSinceMs: number | undefined;
    for (let nextCheck = 0; ;) {
      if (!(await scheduler.step(LIMIT_MS)) || scheduler.steps > LIMIT_STEPS) break;
      if (scheduler.steps < nextCheck) continue;
      nextCheck = scheduler.steps + STEPS_BETWEEN_CHECKS;
      const waitsFor = await this.waitsFor();
      if (waitsFor !== undefined) restSinceMs = undefined;
      else if (scheduler.nowMs - (restSinceMs ??= scheduler.nowMs) >= QUIET_MS) return;
    }
    const missing = await this.waitsFor();
    if (missing !== undefined) this.report('rest', `the world waits for ${missing}`);
  }

  /** What keeps the world from rest; undefined at rest. */
  private async waitsFor(): Promise<string | undefined> {
    const { engine, observations } = this;
    if (this.faultsLeft > 0) return 'faults';
    if (!engine.core) return 'the engine';
    for (const { name, app, isGone } of this.replicas.values()) {
      if (!isGone && !app) return name;
      if (app && app.health().outbox.pending > 0) return `the outbox of ${name}`;
    }
    const [run] = observations.activeRuns();
    if (run) return `the ${run.kind} of ${run.order}/${run.task}`;
    for (const submitter of this.submitters) if (!submitter.done) return 'a submitter';
    for (const { id, order } of observations.orchestrations.values()) {
      const history = await engine.core.orchestrations.history(undefined, id);
      if (history && !isSettled(history.state)) return `${order.name}, which is ${history.state.status}`;
    }
    return undefined;
  }

  private async judge(): Promise<void> {
    const { core, project } = this.engine.core ? this.engine.running() : {};
    const records = core && project ? await core.compensationFailures.list(project) : [];
    const report = (rule: RuleName, text: string): void => this.report(rule, text);
    new FinalRules(this.spec, this.observations, this.bank, records, report).check();
  }

  private report(rule: RuleName, text: string): void {
    this.trace.add('judge', `VIOLATION ${rule}:`, text);
    this.violations.push({ rule, text, atMs: this.scheduler.nowMs });
  }
}

type State = NonNullable<Awaited<ReturnType<EngineCore['orchestrations']['history']>>>['state'];

const isSettled = ({ status, compensations }: State): boolean =>
  status !== 'pending' && status !== 'processing' && compensations.every(({ phase }) => phase.kind === 'finished');

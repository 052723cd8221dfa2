/** Rules about handlers, checked when one starts: X1, X3, X7, E12. */
import type { ProcessScope } from '../kernel/process-scope';
import type { Scheduler } from '../kernel/scheduler';
import type { WorldSpec } from '../spec/world-spec';
import type { Connection } from '../system/connection';
import type { HandlerRun } from '../system/shop-service';
import type { ActiveRun, Observations } from './observations';
import type { Report } from './rules';

interface PastRun extends ActiveRun {
  ended: boolean;
}

export class RunRules {
  /** Runs of handlers by key, oldest first. */
  private readonly handlers = new Map<string, PastRun[]>();
  /** Keys that a process has reverted without an output. */
  private readonly fenced = new WeakMap<ProcessScope, Set<string>>();

  constructor(
    private readonly spec: WorldSpec,
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly connectionOf: (replica: string) => Connection | undefined,
    /** When a request for the key was last sent to a replica. */
    private readonly requestedAt: (replica: string, key: string) => number,
    private readonly hasDecided: (replica: string, key: string) => boolean,
    private readonly report: Report,
  ) {}

  started(run: HandlerRun): void {
    const { scope, kind, key, taskKey } = run;
    for (const other of this.observations.activeRuns()) this.compare(run, other);
    const active = {
      ...run,
      startedAtMs: this.scheduler.nowMs,
      connection: this.connectionOf(scope.name),
      ended: false,
    };
    if (kind === 'handler') {
      this.afterOthers(run);
      this.handlers.set(key, [...(this.handlers.get(key) ?? []), active]);
    } else if (run.withoutOutput) this.fenced.set(scope, (this.fenced.get(scope) ?? new Set()).add(taskKey));
    this.observations.running.add(active);
    this.observations.activeAtMs = this.scheduler.nowMs;
  }

  ended({ scope, key, kind }: HandlerRun): void {
    this.observations.activeAtMs = this.scheduler.nowMs;
    for (const run of this.observations.running) {
      if (run.scope !== scope || run.key !== key || run.kind !== kind) continue;
      (run as PastRun).ended = true;
      return void this.observations.running.delete(run);
    }
  }

  private compare(run: HandlerRun, other: ActiveRun): void {
    const { scope, kind, order, task, key } = run;
    const name = `${order}/${task}`;
    if (other.scope === scope) {
      if (other.key === key) this.report('X1', `${name} runs twice at once in ${scope.name}`);
      else if (other.taskKey === run.taskKey && other.kind !== kind)
        this.report('X7', `${name} runs and is reverted at once in ${scope.name}`);
      return;
    }
    if (kind !== 'handler' || other.key !== key || other.kind !== 'handler') return;
    // A request that was under way when the engine gave up its connection: the engine cannot prevent its start. The rule
    // about what the engine sends covers the rest.
    const own = this.connectionOf(scope.name);
    if (own?.isOpen !== true || this.requestedAt(scope.name, key) <= other.startedAtMs) return;
    if (other.connection?.isOpen === true && other.scope.frozenUntilMs <= this.scheduler.nowMs) {
      this.report('E12', `${name} starts in ${scope.name} while ${other.scope.name}, which is connected, runs it`);
    }
  }

  private afterOthers(run: HandlerRun): void {
    const { scope, order, task, key, interrupted } = run;
    const name = `${order}/${task}`;
    if (this.fenced.get(scope)?.has(key))
      this.report('X7', `${name} starts in ${scope.name} after its revert without an output`);
    if (this.hasDecided(scope.name, key)) this.report('X3', `${name} starts in ${scope.name}, which has its outcome`);
    if (
      interrupted &&
      this.spec.services.find(({ name: service }) => scope.name.startsWith(service))?.bank === 'plain'
    ) {
      this.report('X3', `${name} runs although it is interrupted and \`onCrash\` is 'fail'`);
    }
    // Of a run that has not ended, nobody knows the effect. The handler must know that, unless its request was sent before.
    const runs = this.handlers.get(key) ?? [];
    const open = runs.find(({ ended, startedAtMs }) => !ended && startedAtMs < this.requestedAt(scope.name, key));
    // A handler that knew of the doubt has spoken for the run that is lost.
    const isCovered = runs.some(
      (other) => open && other.ended && other.interrupted && other.startedAtMs >= open.startedAtMs,
    );
    if (open && !interrupted && !isCovered) {
      const rule = open.scope.name === scope.name ? 'X3' : 'E12';
      this.report(rule, `${name} starts in ${scope.name} as if it were the first, after ${open.scope.name} began it`);
    }
  }
}

/** Rules about handlers, checked when one starts: X1, X7, E12. */
import type { Scheduler } from '../kernel/scheduler';
import type { Connection } from '../system/connection';
import type { HandlerRun } from '../system/shop-service';
import type { ActiveRun, Observations } from './observations';
import type { Report } from './rules';

export class RunRules {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly observations: Observations,
    private readonly connectionOf: (replica: string) => Connection | undefined,
    private readonly report: Report,
  ) {}

  started(run: HandlerRun): void {
    for (const other of this.observations.activeRuns()) this.compare(run, other);
    this.observations.running.add({
      ...run,
      startedAtMs: this.scheduler.nowMs,
      connection: this.connectionOf(run.scope.name),
    });
  }

  ended({ scope, key, kind }: HandlerRun): void {
    for (const run of this.observations.running) {
      if (run.scope === scope && run.key === key && run.kind === kind)
        return void this.observations.running.delete(run);
    }
  }

  private compare(run: HandlerRun, other: ActiveRun): void {
    const { scope, kind, order, task, key } = run;
    const sameTask = other.order === order && other.task === task;
    const name = `${order}/${task}`;
    if (other.scope === scope) {
      if (other.key === key) this.report('X1', `${name} runs twice at once in ${scope.name}`);
      else if (sameTask && other.kind !== kind)
        this.report('X7', `${name} runs and is reverted at once in ${scope.name}`);
      return;
    }
    if (kind !== 'handler' || other.key !== key || other.kind !== 'handler') return;
    // A delayed request can arrive after the engine gave up its connection and moved the key: the engine cannot prevent this.
    if (this.connectionOf(scope.name)?.isOpen !== true) return;
    if (other.connection?.isOpen === true && other.scope.frozenUntilMs <= this.scheduler.nowMs) {
      this.report('E12', `${name} starts in ${scope.name} while ${other.scope.name}, which is connected, runs it`);
    }
  }
}

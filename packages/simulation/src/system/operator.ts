/** Looks at the list of records now and then, and retries, resolves or ignores some of them. */
import { OrraError, toError } from '@orra-ts/common';
import type { SeededRandom } from '@orra-ts/common/testing';
import type { ProcessScope } from '../kernel/process-scope';
import type { Trace } from '../kernel/trace';
import type { OperatorSpec } from '../spec/world-spec';
import type { EngineProcess } from './engine-process';
import { RETRY_MS, ifCrashed } from './if-crashed';

type Record = Awaited<ReturnType<ReturnType<EngineProcess['running']>['core']['compensationFailures']['list']>>[number];
export type OperatorAction = 'retry' | 'resolve' | 'ignore';

export interface OperatorOptions {
  readonly spec: OperatorSpec;
  readonly scope: ProcessScope;
  readonly random: SeededRandom;
  readonly engine: EngineProcess;
  readonly trace: Trace;
  /** `order/task` of a record. */
  nameOf(record: Record): string;
  /** Whether a retry makes sense: a service that never returns is waited for in vain. */
  canReturn(serviceName: string): boolean;
}

const LOOK_MS = 20_000;
/** Decisions about the records of one task. */
const MAX_DECISIONS = 3;
const MAX_DELAY_MS = 5 * 60_000;

export class Operator {
  /** Ids of records that it resolved or ignored. */
  readonly decided = new Set<string>();
  /** What it did, by `order/task`. */
  readonly actions = new Map<string, OperatorAction[]>();
  /** `order/task` and reason of retries that the engine refused. */
  readonly refused: { readonly name: string; readonly status: string; readonly code: string }[] = [];
  /** Decisions that are still to be carried out. */
  pending = 0;
  private readonly seen = new Set<string>();
  private readonly decisions = new Map<string, number>();

  constructor(private readonly options: OperatorOptions) {
    const { retry, resolve, ignore } = options.spec;
    if (retry + resolve + ignore > 0) this.lookLater();
  }

  private lookLater(): void {
    this.options.scope.schedule(LOOK_MS, () => {
      this.look().catch(() => undefined);
      this.lookLater();
    });
  }

  private async look(): Promise<void> {
    const { core, project } = this.options.engine.running();
    const records = await core.compensationFailures.list(project, { resolutionState: 'pending' });
    for (const record of records) {
      const state = `${record.id} ${record.status} ${record.at}`;
      if (this.seen.has(state)) continue;
      this.seen.add(state);
      this.consider(record);
    }
  }

  private consider(record: Record): void {
    const { spec, scope, random } = this.options;
    const name = this.options.nameOf(record);
    const count = this.decisions.get(name) ?? 0;
    if (count >= MAX_DECISIONS) return;
    this.decisions.set(name, count + 1);
    const own = random.fork(`${name}/${count}`);
    const draw = own.next();
    const delayMs = own.int(0, MAX_DELAY_MS);
    const { retry, resolve, ignore } = spec;
    let action: OperatorAction | undefined;
    if (draw < retry) action = this.options.canReturn(record.serviceName) ? 'retry' : 'resolve';
    else if (draw < retry + resolve) action = 'resolve';
    else if (draw < retry + resolve + ignore) action = 'ignore';
    if (!action) return;
    const chosen = action;
    this.pending++;
    scope.schedule(delayMs, () => void this.act(record, chosen, name));
  }

  private async act(record: Record, action: OperatorAction, name: string): Promise<void> {
    const { engine, scope, trace } = this.options;
    const again = (): void => void this.act(record, action, name);
    const responded = ifCrashed(engine, scope, again);
    try {
      const { core, project } = engine.running();
      trace.add('operator', `${action}s`.replace('ys', 'ies'), `${name}, which is ${record.status}`);
      // From now on: an engine that crashes may have stored it.
      if (action !== 'retry') this.decided.add(record.id);
      this.actions.set(name, [...(this.actions.get(name) ?? []), action]);
      if (action === 'retry') await core.compensationFailures.retry(project, record);
      else
        await core.compensationFailures.resolve(project, record, action === 'resolve' ? 'resolved' : 'ignored', 'done');
      this.pending--;
      responded();
    } catch (error) {
      responded();
      trace.add('operator', 'is refused', `${name}: ${toError(error).message}`);
      if (error instanceof OrraError && error.code === 'ORRA_INVALID_RETRY') {
        this.refused.push({ name, status: record.status, code: error.code });
        this.pending--;
      } else scope.schedule(RETRY_MS, again);
    }
  }
}

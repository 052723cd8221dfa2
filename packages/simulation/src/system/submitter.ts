/** Submits one order until the engine has it, and cancels it if the order says so. */
import { toError } from '@orra-ts/common';
import type { Plan } from '@orra-ts/protocol';
import type { ProcessScope } from '../kernel/process-scope';
import type { Trace } from '../kernel/trace';
import type { OrderSpec } from '../spec/world-spec';
import type { EngineProcess } from './engine-process';
import { RETRY_MS, ifCrashed } from './if-crashed';

export class Submitter {
  done = false;

  constructor(
    private readonly order: OrderSpec,
    private readonly scope: ProcessScope,
    private readonly engine: EngineProcess,
    private readonly trace: Trace,
  ) {
    scope.schedule(order.atMs, () => void this.submit());
  }

  /** The order is its own key: it is submitted again only if the engine does not have it. */
  private async submit(): Promise<void> {
    const { order, scope, trace } = this;
    const { name } = order;
    const again = ifCrashed(this.engine, scope, () => void this.submit());
    try {
      let id = await this.find();
      if (id === undefined) {
        trace.add('submitter', 'submits', name);
        const { core, project } = this.engine.running();
        const action = { content: name };
        const data = [{ field: 'order', value: name }];
        id = (await core.orchestrations.submit(project, { action, data, plan: planOf(order) })).id;
      }
      again();
      this.accepted(id);
    } catch (error) {
      again();
      trace.add('submitter', 'is refused', `${name}: ${toError(error).message}`);
      scope.schedule(RETRY_MS, () => void this.submit());
    }
  }

  private async find(): Promise<string | undefined> {
    const { core, project } = this.engine.running();
    const known = await core.orchestrations.list(project);
    return known.find(({ action }) => action === this.order.name)?.id;
  }

  private accepted(id: string): void {
    if (this.done) return;
    const { cancelAtMs } = this.order;
    if (cancelAtMs === undefined) this.done = true;
    else this.scope.schedule(cancelAtMs - this.scope.scheduler.nowMs, () => void this.cancel(id));
  }

  private async cancel(id: string): Promise<void> {
    const { order, scope, trace } = this;
    if (this.done) return;
    const again = ifCrashed(this.engine, scope, () => void this.cancel(id));
    try {
      trace.add('submitter', 'cancels', order.name);
      const { core, project } = this.engine.running();
      await core.orchestrations.cancel(project, id, 'no longer wanted');
      this.done = true;
      again();
    } catch {
      again();
      scope.schedule(RETRY_MS, () => void this.cancel(id));
    }
  }
}

function planOf({ tasks, compensation }: OrderSpec): Plan {
  return {
    ...(compensation && { compensation }),
    tasks: tasks.map(({ id, service, uses: [first, second] }) => ({
      id,
      service,
      input: {
        order: '$task0.order',
        task: id,
        ...(first !== undefined && { first: `$${first}.charge` }),
        ...(second !== undefined && { second: `$${second}.charge` }),
      },
    })),
  };
}

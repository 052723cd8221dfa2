import 'reflect-metadata';
import { container, inject, injectable } from 'tsyringe';
import { Handler, OrraService, Task } from '@orra-ts/sdk';
import { tsyringeResolver } from '@orra-ts/sdk/containers';
import { report, ReportInput, ReportOutput, type Pool } from './report';

const POOL = Symbol('Pool');
const TENANT = Symbol('tenant');

class SqlPool implements Pool {
  query = (tenant: string): string => `12 orders of ${tenant}`;
  dispose(): void {
    console.log('pool closed');
  }
}

@OrraService({ name: 'report', description: 'Reports the orders of a tenant' })
@injectable()
class ReportService {
  constructor(
    @inject(POOL) private readonly pool: Pool,
    @inject(TENANT) private readonly tenant: string,
  ) {}

  @Handler({ input: ReportInput, output: ReportOutput })
  async report(_: Task<ReportInput>): Promise<ReportOutput> {
    return { text: this.pool.query(this.tenant) };
  }

  dispose(): void {
    console.log(`scope of ${this.tenant} released`);
  }
}

container.registerSingleton<Pool>(POOL, SqlPool);

const resolver = tsyringeResolver(container, {
  scope: 'task',
  prepare: (child, task) => void child.registerInstance(TENANT, (task.input as ReportInput).tenant),
});

void report(ReportService, resolver).then(() => container.dispose());

import 'reflect-metadata';
import { Container, inject, injectable, preDestroy } from 'inversify';
import { Handler, OrraService, Task } from '@orra-ts/sdk';
import { inversifyResolver } from '@orra-ts/sdk/containers';
import { report, ReportInput, ReportOutput, type Pool } from './report';

const POOL = Symbol('Pool');
const TENANT = Symbol('tenant');

@injectable()
class SqlPool implements Pool {
  query = (tenant: string): string => `12 orders of ${tenant}`;
  @preDestroy()
  close(): void {
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

  @preDestroy()
  end(): void {
    console.log(`scope of ${this.tenant} released`);
  }
}

const container = new Container();
container.bind<Pool>(POOL).to(SqlPool).inSingletonScope();

const resolver = inversifyResolver(container, {
  scope: 'task',
  prepare: (child, task) => {
    child.bind(TENANT).toConstantValue((task.input as ReportInput).tenant);
    // A binding of the child is removed with the child, and its instance is destroyed then.
    child.bind(ReportService).toSelf().inSingletonScope();
  },
});

void report(ReportService, resolver).then(() => container.unbindAll());

import 'reflect-metadata';
import { asClass, asValue, createContainer } from 'awilix';
import { Handler, OrraService, Task } from '@orra-ts/sdk';
import { awilixResolver } from '@orra-ts/sdk/containers';
import { report, ReportInput, ReportOutput, type Pool } from './report';

class SqlPool implements Pool {
  query = (tenant: string): string => `12 orders of ${tenant}`;
  close(): void {
    console.log('pool closed');
  }
}

@OrraService({ name: 'report', description: 'Reports the orders of a tenant' })
class ReportService {
  private readonly pool: Pool;
  private readonly tenant: string;

  constructor({ pool, tenant }: Cradle) {
    this.pool = pool;
    this.tenant = tenant;
  }

  @Handler({ input: ReportInput, output: ReportOutput })
  async report(_: Task<ReportInput>): Promise<ReportOutput> {
    return { text: this.pool.query(this.tenant) };
  }

  end(): void {
    console.log(`scope of ${this.tenant} released`);
  }
}

interface Cradle {
  readonly pool: Pool;
  readonly tenant: string;
  readonly reportService: ReportService;
}

// `strict`: a singleton that depends on a value of one task is an error.
const container = createContainer<Cradle>({ strict: true });
container.register({
  pool: asClass(SqlPool, { dispose: (pool) => pool.close() }).singleton(),
  reportService: asClass(ReportService, { dispose: (service) => service.end() }).scoped(),
});

const resolver = awilixResolver(container, {
  scope: 'task',
  names: new Map([[ReportService, 'reportService']]),
  prepare: (scope, task) => void scope.register({ tenant: asValue((task.input as ReportInput).tenant) }),
});

void report(ReportService, resolver).then(() => container.dispose());

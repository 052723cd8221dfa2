import 'reflect-metadata';
import { Container, Inject, Service, Token } from 'typedi';
import { Handler, OrraService, Task } from '@orra-ts/sdk';
import { typediResolver } from '@orra-ts/sdk/containers';
import { report, ReportInput, ReportOutput, type Pool } from './report';

const POOL = new Token<Pool>('Pool');
const TENANT = new Token<string>('tenant');

class SqlPool implements Pool {
  query = (tenant: string): string => `12 orders of ${tenant}`;
  destroy(): void {
    console.log('pool closed');
  }
}

@OrraService({ name: 'report', description: 'Reports the orders of a tenant' })
@Service()
class ReportService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(TENANT) private readonly tenant: string,
  ) {}

  @Handler({ input: ReportInput, output: ReportOutput })
  async report(_: Task<ReportInput>): Promise<ReportOutput> {
    return { text: this.pool.query(this.tenant) };
  }

  destroy(): void {
    console.log(`scope of ${this.tenant} released`);
  }
}

// `global`: without it, each task would have a pool of its own.
Container.set({ id: POOL, type: SqlPool, global: true });

const resolver = typediResolver(Container, {
  scope: 'task',
  prepare: (child, task) => void child.set(TENANT, (task.input as ReportInput).tenant),
});

void report(ReportService, resolver).then(() => Container.reset());

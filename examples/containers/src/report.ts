/** What the programs share: the values of the service, a pool behind an interface, and two orders. */
import 'reflect-metadata';
import { IsString } from 'class-validator';
import { embeddedEngine } from '@orra-ts/engine';
import { OrraFactory, type ClassType, type InstanceResolver } from '@orra-ts/sdk';

export class ReportInput {
  @IsString() tenant!: string;
}

export class ReportOutput {
  @IsString() text!: string;
}

export interface Pool {
  query(tenant: string): string;
}

/** Runs the service `report` for two tenants. */
export async function report(service: ClassType, resolver: InstanceResolver): Promise<void> {
  const app = await OrraFactory.create({
    services: [service],
    resolver,
    engine: embeddedEngine({ storage: ':memory:' }),
    journal: { kind: 'memory' },
  });
  await app.start();
  for (const tenant of ['north', 'south']) {
    const task = { id: 'task1', service: 'report', input: { tenant } };
    const order = await app.orra
      .action('Report the orders')
      .with({ tenant })
      .plan({ tasks: [task] })
      .submit();
    const result = await order.result();
    console.log(result.status, result.status === 'completed' ? result.output : '');
  }
  // Handlers have ended and their scopes are released, so the pool can close.
  await app.close();
}

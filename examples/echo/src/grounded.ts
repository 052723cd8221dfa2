// examples/echo/src/grounded.ts
import 'reflect-metadata';
import { IsString } from 'class-validator';
import { embeddedEngine } from '@orra-ts/engine';
import { Handler, OrraFactory, OrraService, type Task, definePlan } from '@orra-ts/sdk';

class Order {
  @IsString() orderId!: string;
}
class Held {
  @IsString() holdId!: string;
}

@OrraService({ name: 'warehouse', description: 'Holds stock for an order' })
class Warehouse {
  @Handler({ input: Order, output: Held })
  hold(task: Task<Order>): Held {
    return { holdId: `hold-${task.input.orderId}` };
  }
}

const reserve = definePlan('Reserve stock for {orderId}', Order, (plan, order) =>
  plan.task(Warehouse, 'hold', { orderId: order.orderId }),
);
const paint = definePlan('Paint order {orderId}', Order, (plan, order) =>
  plan.task(Warehouse, 'hold', { orderId: order.orderId }),
);

async function main(): Promise<void> {
  const app = await OrraFactory.create({
    services: [Warehouse],
    plans: [reserve, paint],
    engine: embeddedEngine({ storage: ':memory:' }),
  });
  await app.start();
  await app.orra.groundings.apply({
    name: 'order-use-cases',
    domain: 'online-shop',
    version: '1.0',
    useCases: [
      {
        action: 'Reserve stock for {orderId}',
        params: { orderId: 'o-17' },
        capabilities: ['Holding stock for orders'],
        intent: 'A customer wants goods kept aside',
      },
    ],
    constraints: ['Never reserve more than is in stock'],
  });

  const order = await app.orra.action('Reserve stock for A-17').submit();
  await order.result();
  const { groundingHit } = await order.inspect();
  console.log(groundingHit?.name, groundingHit?.version, groundingHit?.useCases.params);
  console.log(groundingHit?.constraints, groundingHit?.coverage);

  for (const groundings of ['guide', 'strict'] as const) {
    await app.orra.project.configure({ groundings });
    await app.orra
      .action('Paint order A-17')
      .submit()
      .then((painting) => painting.result())
      .then(
        ({ status }) => console.log(`${groundings}: ${status}`),
        (error: unknown) => console.log(`${groundings}: ${(error as Error).message}`),
      );
  }
  await app.close();
}

void main();

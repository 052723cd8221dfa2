/** The only file that knows all classes: it binds interfaces to adapters, and gives each task a scope of its tenant. */
import { Lifecycle, type DependencyContainer } from 'tsyringe';
import { embeddedEngine } from '@orra-ts/engine';
import { OrraFactory, definePlan, type OrraApplication } from '@orra-ts/sdk';
import { tsyringeResolver } from '@orra-ts/sdk/containers';
import { Database, Session, SqlPayments, SqlStock } from './database';
import { PAYMENTS, STOCK, TENANT } from './ports';
import { InventoryService, Order, PaymentService } from './services';

const orderPlan = definePlan('Order {quantity} of {sku}', Order, (plan, order) => {
  const receipt = plan.task(PaymentService, 'charge', { tenant: order.tenant, amountCents: order.amountCents });
  return plan.task(InventoryService, 'reserve', {
    tenant: order.tenant,
    paymentId: receipt.paymentId,
    sku: order.sku,
    quantity: order.quantity,
  });
});

export function createShop(container: DependencyContainer): Promise<OrraApplication> {
  container.registerSingleton(Database);
  // One session per task, shared by all adapters of the task.
  container.register(Session, { useClass: Session }, { lifecycle: Lifecycle.ContainerScoped });
  container.register(STOCK, { useClass: SqlStock });
  container.register(PAYMENTS, { useClass: SqlPayments });
  return OrraFactory.create({
    services: [PaymentService, InventoryService],
    plans: [orderPlan],
    engine: embeddedEngine({ storage: ':memory:' }),
    journal: { kind: 'memory' },
    resolver: tsyringeResolver(container, {
      scope: 'task',
      prepare: (child, task) => {
        const { tenant } = task.input as { tenant: string };
        child.registerInstance(TENANT, { id: tenant });
      },
    }),
  });
}

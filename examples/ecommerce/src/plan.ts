import { definePlan } from '@orra-ts/sdk';
import { Order } from './dto/order';
import { CustomerService } from './services/customer-service';
import { DeliveryAgent } from './services/delivery-agent';
import { InventoryService } from './services/inventory-service';
import { PaymentService } from './services/payment-service';

/**
 * Ships an order. The compiler checks every reference: a field that is missing, misspelt or of another type is an error
 * here. The references alone decide the order of tasks; independent tasks run concurrently.
 */
export const shipOrder = definePlan(
  'Ship order {orderId}',
  Order,
  (p, order) => {
    const customer = p.task(CustomerService, 'find', { customerId: order.customerId });
    const receipt = p.task(PaymentService, 'charge', {
      orderId: order.orderId,
      account: customer.billingAccount,
      amountCents: order.totalCents,
    });
    const held = p.task(InventoryService, 'reserve', {
      orderId: order.orderId,
      paymentId: receipt.paymentId,
      lines: order.lines,
    });
    return p.task(DeliveryAgent, 'ship', {
      orderId: order.orderId,
      reservationId: held.reservationId,
      recipient: customer.name,
      address: customer.address,
    });
  },
  { name: 'ship-order' },
);

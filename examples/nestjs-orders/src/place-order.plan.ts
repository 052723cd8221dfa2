import { definePlan } from '@orra-ts/nestjs';
import { InventoryService } from './inventory.service';
import { PlaceOrder } from './orders.dto';
import { PaymentService } from './payment.service';

export const placeOrder = definePlan(
  'order {quantity} of {sku}',
  PlaceOrder,
  (plan, order) => {
    const reservation = plan.task(InventoryService, 'reserve', { sku: order.sku, quantity: order.quantity });
    return plan.task(PaymentService, 'charge', {
      reservationId: reservation.reservationId,
      amountCents: reservation.amountCents,
    });
  },
  { name: 'place-order' },
);

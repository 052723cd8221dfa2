import { Handler, NonRetryableError, OrraAgent, type Task } from '@orra-ts/sdk';
import { ShipInput, Shipment } from '../dto/delivery';
import type { Couriers } from '../shop/couriers';
import { moment } from './moment';

@OrraAgent({ name: 'delivery-agent', description: 'Chooses a courier for reserved goods and books the delivery' })
export class DeliveryAgent {
  constructor(private readonly couriers: Couriers) {}

  @Handler({ input: ShipInput, output: Shipment, timeout: '2m' })
  async ship(task: Task<ShipInput>): Promise<Shipment> {
    const { orderId, recipient, address } = task.input;
    const destination = `${address.city}, ${address.country}`;
    await task.pushUpdate({ progress: 20, status: 'planning', message: `Planning a route to ${destination}` });
    await moment(task.signal);
    const couriers = this.couriers.delivering(address.country);
    const [quickest] = couriers;
    await task.pushUpdate({ progress: 60, status: 'choosing', message: `Couriers for this route: ${couriers.length}` });
    await moment(task.signal);
    if (!quickest) throw new NonRetryableError(`No courier delivers to ${destination}`, { code: 'NO_COURIER' });
    const trackingId = this.couriers.book(quickest, orderId);
    await task.pushUpdate({ progress: 100, status: 'booked', message: `${quickest.name} delivers to ${recipient}` });
    return { trackingId, courier: quickest.name, arrivesInDays: quickest.days };
  }
}

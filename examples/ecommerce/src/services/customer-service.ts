import { Handler, NonRetryableError, OrraService, type Task } from '@orra-ts/sdk';
import { CustomerQuery, CustomerRecord } from '../dto/customer';
import type { Customers } from '../shop/customers';
import { moment } from './moment';

@OrraService({
  name: 'customer-service',
  description: 'Looks up the name, address and account of a customer',
})
export class CustomerService {
  constructor(private readonly customers: Customers) {}

  @Handler({ input: CustomerQuery, output: CustomerRecord })
  async find(task: Task<CustomerQuery>): Promise<CustomerRecord> {
    const { customerId } = task.input;
    await task.pushUpdate({ progress: 50, status: 'looking up', message: `Looking up ${customerId}` });
    await moment(task.signal);
    const customer = this.customers.find(customerId);
    // A retry would not help: fail at once instead of after all attempts.
    if (!customer) throw new NonRetryableError(`Customer ${customerId} does not exist`, { code: 'UNKNOWN_CUSTOMER' });
    const { name, email, address } = customer;
    await task.pushUpdate({ progress: 100, status: 'found', message: `${name}, ${address.city}` });
    return { name, email, billingAccount: `acc-${customerId.slice(4)}`, address };
  }
}

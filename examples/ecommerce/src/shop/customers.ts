export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly address: {
    readonly street: string;
    readonly city: string;
    readonly postalCode: string;
    /** ISO 3166 country code. */
    readonly country: string;
  };
}

export class Customers {
  private readonly customers: ReadonlyMap<string, Customer>;

  constructor(customers: readonly Customer[]) {
    this.customers = new Map(customers.map((customer) => [customer.id, customer]));
  }

  get size(): number {
    return this.customers.size;
  }

  find(id: string): Customer | undefined {
    return this.customers.get(id);
  }
}

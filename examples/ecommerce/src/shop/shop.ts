/** The shop: in memory, filled from `data/*.json`. It knows nothing of orchestrations. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Activity } from './activity';
import { type Courier, Couriers } from './couriers';
import { type Customer, Customers } from './customers';
import { Ledger } from './ledger';
import { type Product, Stock } from './stock';

export class Shop {
  readonly activity = new Activity();
  readonly customers = new Customers(readData<Customer>('customers'));
  readonly stock = new Stock(readData<Product>('products'), this.activity);
  readonly ledger = new Ledger(this.activity);
  readonly couriers = new Couriers(readData<Courier>('couriers'), this.activity);

  /** Everything an order may change, now. */
  books(): Books {
    return {
      stock: this.stock.levels(),
      openReservations: this.stock.openReservations,
      balanceCents: this.ledger.balanceCents,
    };
  }
}

export interface Books {
  /** Free units by product. */
  readonly stock: Readonly<Record<string, number>>;
  readonly openReservations: number;
  /** Charged and not refunded. */
  readonly balanceCents: number;
}

const DATA = path.join(__dirname, '..', '..', 'data');

const readData = <T>(name: string): readonly T[] =>
  JSON.parse(readFileSync(path.join(DATA, `${name}.json`), 'utf8')) as readonly T[];

/** The shop, in memory, with the data of `data/*.json`. It does not depend on Orra. */
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

  /** A snapshot of everything that an order can change. */
  books(): Books {
    return {
      stock: this.stock.levels(),
      openReservations: this.stock.openReservations,
      balanceCents: this.ledger.balanceCents,
    };
  }
}

export interface Books {
  /** Free units by product id. */
  readonly stock: Readonly<Record<string, number>>;
  readonly openReservations: number;
  /** Sum of the payments that were not refunded, in euro cents. */
  readonly balanceCents: number;
}

const DATA = path.join(__dirname, '..', '..', 'data');

const readData = <T>(name: string): readonly T[] =>
  JSON.parse(readFileSync(path.join(DATA, `${name}.json`), 'utf8')) as readonly T[];

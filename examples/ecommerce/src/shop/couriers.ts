/** Couriers and the countries that they deliver to. */
import type { Activity } from './activity';

export interface Courier {
  readonly name: string;
  readonly days: number;
  /** ISO 3166 country codes. */
  readonly countries: readonly string[];
}

export class Couriers {
  constructor(
    private readonly couriers: readonly Courier[],
    private readonly activity: Activity,
  ) {}

  /** Couriers that deliver to a country, fastest first. */
  delivering(country: string): readonly Courier[] {
    return this.couriers.filter(({ countries }) => countries.includes(country)).sort((a, b) => a.days - b.days);
  }

  /** @returns the tracking id */
  book(courier: Courier, orderId: string): string {
    this.activity.add(orderId, 'shipped', courier.name);
    return `${courier.name.slice(0, 2).toUpperCase()}-${orderId}`;
  }
}
